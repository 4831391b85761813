// A link to a shape opens it: browsers go to a closed one and show its name alone.
function open() {
  const target = document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", open);
document.addEventListener("click", ({ target }) => {
  if (target.closest(`a[href="${location.hash}"]`)) open(); // the same link again changes no hash
});
open();
