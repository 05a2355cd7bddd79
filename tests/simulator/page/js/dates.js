// Times as people read them, in a time zone that need not be the browser's.
import { now } from "./store.js";

const formats = new Map();

function format(zone, options) {
    const key = zone + JSON.stringify(options);
    if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }));
    return formats.get(key);
}

export function clockTime(seconds, zone) {
    return format(zone, { hour: "numeric", minute: "2-digit" }).format(seconds * 1000);
}

export function clockTime24(seconds, zone) {
    return format(zone, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(seconds * 1000);
}

export function zoneName(seconds, zone) {
    const parts = format(zone, { timeZoneName: "short" }).formatToParts(seconds * 1000);
    return parts.find((part) => part.type === "timeZoneName").value;
}

/// "2026-11-24"
export function isoDay(seconds, zone) {
    const parts = Object.fromEntries(
        format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(seconds * 1000)
            .map(({ type, value }) => [type, value]));
    return `${parts.year}-${parts.month}-${parts.day}`;
}

export function longDay(seconds, zone) {
    return relativeDay(seconds, zone) ??
        format(zone, { weekday: "long", month: "long", day: "numeric" }).format(seconds * 1000);
}

export function shortDay(seconds, zone) {
    return format(zone, { weekday: "short", month: "short", day: "numeric" }).format(seconds * 1000);
}

function relativeDay(seconds, zone) {
    const day = (at) => Date.parse(isoDay(at, zone)) / 86400000;
    return { [-1]: "Yesterday", 0: "Today", 1: "Tomorrow" }[day(seconds) - day(now())] ?? null;
}

/// "in 3 h 5 min", "12 min ago", "now".
export function distance(seconds) {
    const minutes = Math.round((seconds - now()) / 60);
    const size = Math.abs(minutes);
    if (size === 0) return "now";
    const text = size < 60 ? `${size} min`
        : size < 48 * 60 ? `${Math.floor(size / 60)} h${size % 60 ? ` ${size % 60} min` : ""}`
        : `${Math.round(size / 1440)} days`;
    return minutes > 0 ? `in ${text}` : `${text} ago`;
}

function ordinal(day) {
    const tens = day % 100;
    return `${day}${tens > 10 && tens < 14 ? "th" : ["th", "st", "nd", "rd"][day % 10] ?? "th"}`;
}

/// Slack's date tokens: "{date_short_pretty} {time}".
export function withTokens(tokens, seconds, zone) {
    const at = seconds * 1000;
    const day = Number(format(zone, { day: "numeric" }).format(at));
    const year = format(zone, { year: "numeric" }).format(at);
    const month = format(zone, { month: "long" }).format(at);
    const plain = {
        date_num: () => isoDay(seconds, zone),
        date: () => `${month} ${ordinal(day)}, ${year}`,
        date_short: () => format(zone, { month: "short", day: "numeric", year: "numeric" }).format(at),
        date_long: () => `${format(zone, { weekday: "long" }).format(at)}, ${month} ${ordinal(day)}, ${year}`,
        time: () => clockTime(seconds, zone),
        time_secs: () => format(zone, { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(at),
        ago: () => distance(seconds),
    };
    return tokens.replace(/\{(\w+)\}/g, (whole, name) => {
        const pretty = name.endsWith("_pretty");
        const known = plain[pretty ? name.slice(0, -7) : name];
        if (!known) return whole;
        return (pretty && relativeDay(seconds, zone)) || known();
    });
}

/// The moment at which clocks in `zone` show "2026-11-24" and "22:00"; null when either is missing.
export function momentOf(day, time, zone) {
    if (!day || !time) return null;
    const wanted = Date.parse(`${day}T${time}:00Z`) / 1000;
    let at = wanted;
    for (let i = 0; i < 3; ++i) {
        const shown = Date.parse(`${isoDay(at, zone)}T${clockTime24(at, zone)}:00Z`) / 1000;
        at += wanted - shown;
    }
    return at;
}
