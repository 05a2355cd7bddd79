// What the simulator says, and what is asked of it. One long poll at a time keeps `store.state` fresh.

export const store = {
    state: null,
    commands: [],
    as: "U0ALICE",
    channel: "C0DEPLOYS",
    thread: "",
    home: false,
    fetchedAt: 0,
    online: true,
};

const listeners = new Set();

export function onChange(listener) {
    listeners.add(listener);
}

export function changed() {
    for (const listener of listeners) listener();
}

/// Seconds since 1970 on the simulated clock, which runs on between two answers.
export function now() {
    return store.state ? store.state.now + (performance.now() - store.fetchedAt) / 1000 : Date.now() / 1000;
}

export function person(id) {
    return store.state?.people.find((each) => each.id === id) ?? { id, name: id, handle: id, title: "" };
}

export function channelWith(id) {
    return store.state?.channels.find((each) => each.id === id) ?? null;
}

export function directMessages() {
    return store.state?.channels.find((each) => each.is_im && each.is_member) ?? null;
}

/// Asks the simulator to do something as the present person. Gives its answer, or throws an Error with the reason.
export async function ask(wish) {
    const response = await fetch("/page/act", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ as: store.as, ...wish }),
    });
    const answer = await response.json().catch(() => ({ error: "The simulator did not answer." }));
    if (!response.ok) throw new Error(answer.error);
    if (answer.id) pending.add(answer.id);
    return answer;
}

// Acts that wait for the bot's acknowledgement.
const pending = new Set();
const lostListeners = new Set();

export function onLost(listener) {
    lostListeners.add(listener);
}

export function isWaiting(id) {
    return pending.has(id);
}

function settleActs() {
    for (const { id, state } of store.state.acts) {
        if (!pending.has(id) || state === "waiting") continue;
        pending.delete(id);
        if (state === "lost") for (const listener of lostListeners) listener(id);
    }
}

let poll = new AbortController();

/// Looks again at once: somebody else acts now.
export function lookAgain() {
    poll.abort();
}

export async function keepFresh() {
    const commands = await fetch("/page/commands").then((response) => response.json()).catch(() => ({ commands: [] }));
    store.commands = commands.commands;
    let version = "";
    let shownFor = "";
    for (;;) {
        if (shownFor !== store.as) version = "";
        poll = new AbortController();
        const asked = store.as;
        try {
            const query = new URLSearchParams({ as: asked, since: version });
            const response = await fetch(`/page/state?${query}`, { signal: poll.signal });
            if (!response.ok) throw new Error((await response.json()).error);
            const state = await response.json();
            if (asked !== store.as) continue;
            version = state.version;
            shownFor = asked;
            store.state = state;
            store.fetchedAt = performance.now();
            store.online = true;
            settleActs();
            changed();
            await pause(60);
        } catch (error) {
            if (error.name === "AbortError") continue;
            if (store.online) {
                store.online = false;
                changed();
            }
            version = "";
            await pause(1000);
        }
    }
}

function pause(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
