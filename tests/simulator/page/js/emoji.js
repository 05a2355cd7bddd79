// The emoji that the bot and people use here, by Slack's names.
export const emoji = {
    white_check_mark: "✅", no_entry: "⛔", rocket: "🚀", rewind: "⏪", rotating_light: "🚨", tada: "🎉", warning: "⚠️",
    hourglass_flowing_sand: "⏳", hourglass: "⌛", lock: "🔒", unlock: "🔓", snowflake: "❄️", bell: "🔔", eyes: "👀", fire: "🔥",
    thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", heart: "❤️", smile: "😄", slightly_smiling_face: "🙂", joy: "😂",
    thinking_face: "🤔", pray: "🙏", clap: "👏", wave: "👋", raised_hands: "🙌", muscle: "💪", ok_hand: "👌", point_up: "☝️",
    x: "❌", heavy_check_mark: "✔️", question: "❓", exclamation: "❗", bulb: "💡", bug: "🐛", wrench: "🔧", gear: "⚙️", memo: "📝",
    calendar: "📆", date: "📅", clock3: "🕒", stopwatch: "⏱️", alarm_clock: "⏰", mag: "🔍", link: "🔗", paperclip: "📎",
    page_facing_up: "📄", chart_with_upwards_trend: "📈", construction: "🚧", octagonal_sign: "🛑", white_circle: "⚪",
    large_blue_circle: "🔵", large_green_circle: "🟢", large_yellow_circle: "🟡", red_circle: "🔴", black_circle: "⚫",
    ballot_box_with_check: "☑️", white_large_square: "⬜", black_square_button: "🔲", arrow_right: "➡️", arrow_left: "⬅️",
    fast_forward: "⏩", leftwards_arrow_with_hook: "↩️", information_source: "ℹ️", palm_tree: "🌴", coffee: "☕", cake: "🍰",
    ship: "🚢", anchor: "⚓", sailboat: "⛵", sunny: "☀️", star: "⭐", sparkles: "✨", bust_in_silhouette: "👤",
    busts_in_silhouette: "👥", speech_balloon: "💬", loudspeaker: "📢", mega: "📣", pushpin: "📌", hammer_and_wrench: "🛠️",
    no_entry_sign: "🚫", shield: "🛡️", key: "🔑", package: "📦", card_index_dividers: "🗂️", telephone_receiver: "📞",
};

export const quickReactions = [
    "thumbsup", "white_check_mark", "eyes", "tada", "heart", "joy", "pray", "clap", "rocket", "fire", "thinking_face", "wave",
    "raised_hands", "muscle", "warning", "x", "coffee", "ship",
];
