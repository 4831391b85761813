// Asks the server for an open form; what it refuses comes back in words for people.

/** Sends the form's fields, or these; the answer's JSON, or an error whose message is for people. `leaving`: also while the page goes. */
export async function send(address, fields, { leaving = false } = {}) {
    const body = new URLSearchParams(fields);
    const small = body.toString().length < 60_000; // what a browser takes along from a page that goes
    const answer = await fetch(address, { method: "POST", body, redirect: "manual", keepalive: leaving && small });
    if (answer.type === "opaqueredirect") throw new Refused("You are signed out, so what you type is not kept. Sign in in another window and go on here.");
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 409) throw new Refused(`${said.message} ${said.fix}`, said.code);
    if (!answer.ok) throw new Error(String(answer.status));
    return said;
}

export class Refused extends Error {
    constructor(message, code = "") {
        super(message);
        this.code = code;
    }
}
