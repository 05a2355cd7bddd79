// Starts the page: draws whatever the simulator says, again and again.
import { toast } from "./dom.js";
import { renderModals } from "./modal.js";
import { renderPanel } from "./panels.js";
import { go, readAddress } from "./places.js";
import { openThread, renderRoom, renderThread, tellHome } from "./room.js";
import { jump, renderClock, renderSide, renderTop } from "./side.js";
import { channelWith, keepFresh, onChange, onLost, store } from "./store.js";

let seenUntil = "";
let seenAs = "";

function render() {
    if (!store.state || store.state.as !== store.as) return;
    const direct = store.channel.startsWith("D0");
    if (direct && !channelWith(store.channel)) {
        // Nobody wrote there yet: the App Home can be shown all the same.
        store.state.channels.push({ id: store.channel, name: store.as, is_im: true, is_member: true, members: [store.as], messages: [] });
    }
    renderRoom();
    renderThread();
    renderTop();
    renderSide();
    renderPanel();
    renderModals();
    tellNews();
    tellHome();
}

/// A word about what came for this person where they do not look.
function tellNews() {
    const own = store.state.ephemerals.filter((each) => each.thread_ts);
    const last = own.at(-1)?.ts ?? "";
    if (seenAs === store.as && last > seenUntil) {
        const news = own.at(-1);
        if (store.thread !== news.thread_ts) {
            toast("Slipway answered you in a thread.", "", {
                label: "Show it",
                run: () => { go({ channel: news.channel }); openThread(news.thread_ts, true); },
            });
        }
    }
    seenAs = store.as;
    seenUntil = last;
}

onChange(render);
onLost(() => toast("The bot did not answer within Slack's three seconds.", "bad"));

document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault(); // the address holds who acts where
    (document.getElementById("composer-box") ?? document.getElementById("room")).focus();
});
addEventListener("hashchange", () => { readAddress(); go({}); });
addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && store.state && !document.querySelector("dialog[open]")) {
        event.preventDefault();
        jump();
    }
    if (event.key === "Escape") document.body.classList.remove("has-drawer");
});
document.addEventListener("focusin", (event) => {
    document.querySelectorAll(".message.focused").forEach((each) => {
        if (!each.contains(event.target)) setFocused(each, false);
    });
    const message = event.target.closest?.(".message");
    if (message) setFocused(message, true);
});
setInterval(renderClock, 1000);
setInterval(() => { if (store.state && store.state.as === store.as) renderPanel(); }, 15000);

function setFocused(message, is) {
    message.classList.toggle("focused", is);
    for (const tool of message.querySelectorAll(".tools button")) tool.tabIndex = is || message.classList.contains("ephemeral") ? 0 : -1;
}

readAddress();
keepFresh();
