// Where the present person is (kept in the address, so that a tab can be reloaded or shared), and what they have read.
import { changed, channelWith, lookAgain, store } from "./store.js";

/// Goes on with `next` ({ as, channel, thread, home }).
export function go(next) {
    const other = next.as && next.as !== store.as;
    const room = next.channel && next.channel !== store.channel;
    if (other || room) store.thread = "";
    if (room && next.home === undefined) store.home = false;
    Object.assign(store, next);
    document.body.classList.remove("has-drawer");
    write();
    if (other) lookAgain();
    if (!other) changed();
}

function write() {
    const parts = [store.as, store.channel, store.home ? "home" : store.thread];
    history.replaceState(null, "", `#${parts.filter(Boolean).join("/")}`);
}

export function readAddress() {
    const [as, channel, third] = location.hash.slice(1).split("/");
    if (as) store.as = as;
    if (channel) store.channel = channel;
    store.home = third === "home";
    store.thread = third && third !== "home" ? third : "";
}

const read = new Map(JSON.parse(sessionStorage.getItem("read") ?? "[]"));

function readUntil(channel) {
    return read.get(`${store.as}/${channel}`) ?? "";
}

export function markRead(channel) {
    const last = channel.messages.at(-1)?.ts ?? "";
    if (document.hidden || readUntil(channel.id) >= last) return;
    read.set(`${store.as}/${channel.id}`, last);
    sessionStorage.setItem("read", JSON.stringify([...read]));
}

/// How many messages of others came since `store.as` looked.
export function unread(channel) {
    const since = readUntil(channel.id);
    if (!since && !channel.is_im) return 0;
    return channel.messages.filter((message) => message.ts > since && message.user !== store.as && channelWith(channel.id)).length;
}

/// Whether the bot wrote to this person since they last looked.
export function isAwaited(id) {
    const last = store.state.latest_direct?.[id];
    return Boolean(last) && last > (read.get(`${id}/D0${id}`) ?? "");
}
