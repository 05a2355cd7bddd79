#!/usr/bin/env python3
"""Draws the diagrams of docs/: stages.svg, rooms.svg, envelope.svg and tables.svg, beside this script.

usage: docs/images/draw.py
"""

import html
import pathlib

HERE = pathlib.Path(__file__).parent
LINE, FILL, TEXT, QUIET = "#57606a", "#f6f8fa", "#1f2328", "#57606a"
GREEN, RED, BLUE = "#dafbe1", "#ffebe9", "#ddf4ff"


class Drawing:
    def __init__(self, width, height):
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            'font-family="system-ui, sans-serif" font-size="14">',
            '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
            f'orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="{LINE}"/></marker></defs>',
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        ]

    def text(self, x, y, words, size=14, colour=TEXT, anchor="middle", bold=False, mono=False):
        style = (' font-weight="600"' if bold else "") + (' font-family="ui-monospace, monospace"' if mono else "")
        self.parts.append(
            f'<text x="{x}" y="{y}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{style}>'
            f"{html.escape(words)}</text>")

    def box(self, x, y, width, height, title, lines=(), fill=FILL, mono=False):
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{fill}" stroke="{LINE}"/>')
        middle = x + width / 2
        top = y + height / 2 + 5 - 9 * len(lines)
        self.text(middle, top, title, bold=True)
        for number, line in enumerate(lines, 1):
            self.text(middle, top + 18 * number, line, 12, QUIET, mono=mono)

    def arrow(self, *points, dashed=False, words="", at=None, anchor="middle"):
        path = "M" + " L".join(f"{x} {y}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self.parts.append(f'<path d="{path}" fill="none" stroke="{LINE}"{dash} marker-end="url(#tip)"/>')
        if words:
            self.text(*at, words, 12, QUIET, anchor)

    def table(self, x, y, width, title, about, columns):
        height = 50 + 18 * len(columns)
        self.parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{FILL}" stroke="{LINE}"/>')
        self.text(x + 14, y + 22, title, 14, anchor="start", bold=True, mono=True)
        self.text(x + 14, y + 40, about, 12, QUIET, anchor="start")
        for number, column in enumerate(columns):
            self.text(x + 14, y + 60 + 18 * number, column, 12, anchor="start", mono=True)
        return height

    def save(self, name):
        (HERE / name).write_text("\n".join([*self.parts, "</svg>", ""]))


def stages():
    drawing = Drawing(1000, 330)
    names = [("planned", FILL), ("signed off", FILL), ("deploying", BLUE), ("watching", BLUE), ("done", GREEN)]
    verbs = ["Gate 2: sign-offs", "start", "done", "clean"]
    notes = [("Gate 1: review, CI", "Gate 2: checks"), ("go, ready, window,", "pre-deployment list"),
             ("steps, then Gate 3:", "smoke tests"), ("24 hours,", "three check-ins"), ()]
    x = {}
    for number, ((name, fill), lines) in enumerate(zip(names, notes)):
        x[name] = 30 + 205 * number
        drawing.box(x[name], 40, 125, 78, name, lines, fill)
    for number, verb in enumerate(verbs):
        begin = 30 + 205 * number + 125
        drawing.arrow((begin, 79), (begin + 78, 79))
        drawing.text(begin + 39, 70, verb if len(verb) < 9 else verb.split(": ")[1], 12, QUIET)
    drawing.box(x["planned"], 240, 125, 50, "cancelled", fill=RED)
    drawing.arrow((92, 118), (92, 238), words="cancel", at=(98, 205), anchor="start")
    drawing.arrow((x["signed off"] + 40, 118), (x["signed off"] + 40, 265), (157, 265))
    drawing.arrow((x["signed off"] + 85, 118), (x["signed off"] + 85, 150), (125, 150), (125, 120), dashed=True)
    drawing.text(200, 143, "amend", 12, QUIET)
    drawing.box(x["deploying"], 240, 125, 50, "rolling back", fill=RED)
    drawing.arrow((x["deploying"] + 62, 118), (x["deploying"] + 62, 238), words="rollback", at=(x["deploying"] + 68, 185),
                  anchor="start")
    drawing.arrow((x["watching"] + 62, 118), (x["watching"] + 62, 200), (x["deploying"] + 100, 200),
                  (x["deploying"] + 100, 238), words="rollback", at=(x["watching"] + 68, 165), anchor="start")
    drawing.box(x["watching"], 240, 125, 50, "rolled back", ("service locked",), RED)
    drawing.arrow((x["deploying"] + 125, 265), (x["watching"] - 2, 265), words="rolledback",
                  at=(x["deploying"] + 165, 257))
    drawing.box(x["done"], 240, 125, 50, "post-mortem", ("within 24 hours",))
    drawing.arrow((x["watching"] + 125, 265), (x["done"] - 2, 265))
    drawing.save("stages.svg")


def rooms():
    drawing = Drawing(1000, 640)
    drawing.text(500, 28, "An arrow means \"may include\". Inside bot each row uses rows below it, and inbox uses chores.", 13, QUIET)
    drawing.parts.append(f'<rect x="20" y="45" width="960" height="325" rx="10" fill="#fff" stroke="{LINE}"/>')
    drawing.text(40, 70, "bot", 16, anchor="start", bold=True)
    drawing.text(75, 70, "when and with whom: waits, retries, logs, wires", 13, QUIET, "start")
    rows = [
        (90, [("main", "arguments"), ("cli", "init, doctor, audit, …"), ("app", "builds and stops the parts")]),
        (160, [("inbox", "what comes in"), ("chores", "timers, people, home"), ("outbox", "what goes out")]),
        (230, [("judge", "one job, one commit"), ("config", "slipway.toml"), ("slack", "its protocol"),
               ("linear", "comments"), ("github", "Gate 1's facts")]),
        (300, [("runtime", "clock, storage thread"), ("net", "TLS, HTTP, websockets")]),
    ]
    for y, row in rows:
        width = 175 if len(row) > 3 else 250
        gap = (920 - width * len(row)) / (len(row) - 1) if len(row) > 2 else 120
        left = 40 if len(row) > 2 else 190
        for number, (name, about) in enumerate(row):
            drawing.box(left + number * (width + gap), y, width, 46, name, (about,))
    drawing.arrow((290, 113), (373, 113))
    drawing.arrow((625, 113), (708, 113))
    drawing.arrow((290, 183), (373, 183))
    for x, y in ((165, 137), (500, 137), (835, 137), (165, 207), (500, 207), (760, 207), (202, 277), (685, 277)):
        drawing.arrow((x, y), (x, y + 21))
    drawing.arrow((200, 370), (200, 408))
    drawing.arrow((800, 370), (800, 408))
    drawing.arrow((500, 370), (500, 508))
    drawing.box(60, 410, 300, 60, "templates", ("how it reads: card, forms, home, sentences",), BLUE)
    drawing.box(640, 410, 300, 60, "storage", ("what is remembered: SQLite, ledger, outbox",), BLUE)
    drawing.arrow((210, 470), (210, 508))
    drawing.arrow((790, 470), (790, 508))
    drawing.parts.append(f'<rect x="20" y="510" width="960" height="115" rx="10" fill="#fff" stroke="{LINE}"/>')
    drawing.text(40, 535, "commands", 16, anchor="start", bold=True)
    drawing.text(140, 535, "what may happen: facts and a time in, a decision out", 13, QUIET, "start")
    for number, (name, about) in enumerate(
            [("verbs", "what each verb decides"), ("reading", "what people typed"), ("pipeline", "the document's rules"),
             ("text", "letters, names, phrases")]):
        drawing.box(40 + number * 235, 555, 195, 50, name, (about,), GREEN)
        if number < 3:
            drawing.arrow((235 + number * 235, 580), (273 + number * 235, 580))
    drawing.save("rooms.svg")


def envelope():
    drawing = Drawing(1000, 400)
    drawing.box(20, 150, 130, 64, "Slack", ("an envelope",), BLUE)
    drawing.box(200, 150, 150, 64, "inbox", ("decode, who asks",))
    drawing.parts.append(
        f'<rect x="400" y="40" width="280" height="284" rx="10" fill="#fff" stroke="{LINE}" stroke-width="2"/>')
    drawing.text(540, 66, "one job on the storage thread", 14, bold=True)
    for number, line in enumerate(["seen before?", "fold the deployment's events", "decide (pure)",
                                   "append events, outbox, timers"]):
        drawing.parts.append(
            f'<rect x="420" y="{84 + 48 * number}" width="240" height="36" rx="6" fill="{FILL}" stroke="{LINE}"/>')
        drawing.text(540, 107 + 48 * number, line, 13)
        if number:
            drawing.arrow((540, 72 + 48 * number), (540, 82 + 48 * number))
    drawing.text(540, 306, "COMMIT", 15, bold=True)
    drawing.arrow((150, 170), (198, 170))
    drawing.arrow((350, 182), (398, 182))
    drawing.arrow((540, 324), (540, 370), (85, 370), (85, 216), words="acknowledgement, only after the commit",
                  at=(310, 362))
    drawing.box(740, 80, 230, 64, "courier", ("outbox rows to Slack and Linear",))
    drawing.box(740, 220, 230, 64, "timekeeper", ("timers that are due",))
    drawing.arrow((680, 112), (738, 112))
    drawing.arrow((680, 252), (738, 252))
    drawing.arrow((855, 80), (855, 20), (85, 20), (85, 148), words="messages, each exactly once", at=(470, 14))
    drawing.arrow((855, 284), (855, 345), (610, 345), (610, 326), words="a request, decided like any other",
                  at=(735, 362))
    drawing.save("envelope.svg")


def tables():
    drawing = Drawing(1000, 560)
    drawing.table(20, 20, 300, "events", "the ledger: append-only, chained",
                  ["seq", "deployment", "kind", "actor", "at", "body", "prev_hash, hash"])
    drawing.table(20, 226, 300, "ledger_head", "its last row", ["seq, hash"])
    drawing.table(20, 330, 300, "people", "names, for reading without Slack", ["user_id", "name"])
    drawing.table(20, 446, 300, "inbox", "what was handled, so it is not again", ["key", "seen_at"])
    drawing.table(370, 20, 270, "sign_offs", "drawn from the ledger",
                  ["deployment, revision", "user_id, name, roles", "signed_on, recorded_at", "state, source, permalink",
                   "linear_comment_id"])
    drawing.table(370, 190, 270, "deployments", "a summary of the ledger", ["number", "service", "stage", "ended_at"])
    drawing.table(370, 330, 270, "runbook", "the last good copy", ["markdown, source", "fetched_at"])
    drawing.table(370, 446, 270, "dead_letters", "what could not be read", ["envelope_id, reason", "body, at"])
    drawing.table(690, 20, 290, "outbox", "every message, with its outcome",
                  ["seq, id, lane", "deployment, kind, body", "state, created_at, due", "attempts, in_hand, ambiguous",
                   "requested_by, remote, error", "settled_at"])
    drawing.table(690, 208, 290, "timers", "what is due, and when", ["deployment, name", "due, facts"])
    drawing.table(690, 330, 290, "messages", "where in Slack a message is", ["deployment, purpose", "channel, ts"])
    drawing.text(835, 470, "Written in the transaction", 13, QUIET)
    drawing.text(835, 490, "that adds to the ledger:", 13, QUIET)
    drawing.text(835, 512, "sign_offs, deployments,", 12, mono=True)
    drawing.text(835, 530, "outbox, timers, inbox", 12, mono=True)
    drawing.arrow((320, 90), (368, 90))
    drawing.arrow((320, 125), (345, 125), (345, 240), (368, 240))
    drawing.save("tables.svg")


if __name__ == "__main__":
    stages()
    rooms()
    envelope()
    tables()
