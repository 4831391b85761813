// Fills in how many conflicts each workspace has. Without it, or where no answer comes, the link stands without a number.
async function fill(link) {
  const answer = await fetch(link.dataset.count, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { blocking, advised } = await answer.json();
  const count = blocking || advised;
  if (!count) return;
  const mark = document.createElement("span");
  mark.className = blocking ? "state state-broken" : "state";
  mark.textContent = count;
  mark.title = blocking ? "keep it from going live" : "worth a look";
  link.append(" ", mark);
}

// One after the other: the first page must not keep every worker of the server busy.
for (const link of document.querySelectorAll("a[data-count]")) {
  try {
    await fill(link);
  } catch {
    break;
  }
}
