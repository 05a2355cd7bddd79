#!/usr/bin/env python3
"""The main job, done in a browser by clicking and typing: slipway-demo's workspace page in headless Chromium.

usage: main_job.py SLIPWAY_DEMO SCREENSHOTS [ARGUMENTS OF SLIPWAY_DEMO]

Ends with 0 when everything held, 1 when something did not, 77 when there is no Chromium to try it with.
"""

import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.request

from browser import Browser, DriverError, PageError, find_programs

SKIPPED = 77


class Demo:
    """slipway-demo on a free port, without its tour."""

    def __init__(self, program, arguments):
        self._process = subprocess.Popen(
            [program, "--no-tour", "--port", "0", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.said = []
        self.address = None
        reader = threading.Thread(target=self._read, daemon=True)
        reader.start()
        end = time.monotonic() + 120
        while self.address is None:
            if time.monotonic() > end or self._process.poll() is not None:
                raise PageError("slipway-demo did not come up:\n" + "".join(self.said))
            time.sleep(0.1)

    def _read(self):
        for line in self._process.stdout:
            self.said.append(line)
            opened = re.match(r"Open (http://\S+)", line)
            if opened:
                self.address = opened.group(1)

    def state(self, user):
        with urllib.request.urlopen(f"{self.address}page/state?as={user}", timeout=30) as answer:
            return json.load(answer)

    def stage_of(self, number):
        rows = self.state("U0ALICE")["record"]["deployments"]
        return next((row["stage"] for row in rows if row["number"] == number), None)

    def close(self):
        self._process.terminate()
        return self._process.wait(20)


class Workspace:
    """What people do on the page, in their words."""

    def __init__(self, demo, browser, shots):
        self.demo = demo
        self.browser = browser
        self.shots = shots
        self.count = 0

    def shot(self, name):
        self.count += 1
        self.browser.screenshot(self.shots / f"{self.count:02}-{name}.png")

    def shot_card(self, deployment, step):
        """The card in a picture, once it shows that it has come to `step`: it is edited once a second at most."""
        is_bold = f"return [...it.querySelectorAll('b, strong')].some((each) => each.innerText === '{step}');"
        self.browser.until(
            f"the card of {deployment} shows {step}", lambda: self.browser.of(self.card(deployment), is_bold))
        self.scroll_to(deployment)
        self.shot(f"card-{step.replace(' ', '-')}")

    def step(self, words):
        print(f"  {words}", flush=True)

    def act_as(self, name):
        self.browser.click("#who")
        self.browser.click((".choice", name))
        self.browser.until(f"{name} acts", lambda: name in self.browser.text(".who"))
        self.browser.gone("dialog[open]")

    def go_to(self, row):
        self.browser.click((".side-row", row))

    def say(self, text):
        self.browser.type("#composer-box", text)
        self.browser.keys("Enter")

    def card(self, deployment):
        return ".room .message:has(.block-header)", f"{deployment} "

    def open_thread(self, deployment):
        self.scroll_to(deployment)
        self.press(deployment, "thread-line")
        self.browser.find(".thread .message")

    def scroll_to(self, deployment):
        self.browser.of(self.card(deployment), "it.scrollIntoView({block: 'start'});")

    def press(self, deployment, action):
        """An element of the card by its action_id, or the option of a menu that stands for it, with real clicks."""
        option = f'"press":"{action}"'
        in_menu = f"[...it.querySelectorAll('[data-options]')].find((each) => each.dataset.options.includes('{option}'))"
        if self.browser.of(self.card(deployment), f"return Boolean({in_menu});"):
            self.browser.click_in(
                self.card(deployment),
                f"const menu = {in_menu}; menu?.scrollIntoView({{block: 'center'}}); return menu;")
            self.browser.click(f"[role=menu] [data-value*='{option}']")
            return
        self.browser.click_in(
            self.card(deployment),
            "const wanted = [...it.querySelectorAll('[data-place]')].find("
            f"  (each) => each.dataset.place.endsWith('{action}'));"
            "wanted?.scrollIntoView({block: 'center'}); return wanted;")

    def confirm(self):
        self.browser.click("dialog.confirm .actions .button:last-child")
        self.browser.gone("dialog.confirm")

    def tick_all(self, deployment, checklist):
        self.press(deployment, f"verb:tick:{checklist}")
        self.browser.find("dialog.modal .choices-input")
        self.shot(f"modal-checklist-{checklist}")
        boxes = self.browser.all("dialog.modal .choice-input input:not(:checked)")
        for _ in boxes:
            self.browser.click("dialog.modal .choice-input input:not(:checked)")
        self.browser.click("dialog.modal button[type=submit]")
        self.browser.gone("dialog.modal")

    def field(self, key):
        return f"dialog.modal [data-field={key}] "

    def in_thread(self, text):
        return self.browser.find((".thread .message", text))

    def panel(self, tab):
        if not self.browser.has(".panel"):
            self.browser.click(".panel-toggle")
        self.browser.click(f"#panel-tab-{tab}")

    def until_stage(self, number, stage):
        self.browser.until(f"D-{number} is {stage}", lambda: self.demo.stage_of(number) == stage)

    def whispered(self, text):
        return self.browser.find((".message.ephemeral", text))

    def look_at_modal(self, name, submits=False):
        """The modal that opens, in a picture; then away with it."""
        self.browser.find("dialog.modal")
        self.shot(f"modal-{name}")
        self.browser.keys("Escape")
        self.browser.gone("dialog.modal")


def must(what, holds):
    if not holds:
        raise PageError(what)


def plan_by_modal(work):
    browser = work.browser
    work.step("Alice plans by modal; a mistake is shown at its field and what she typed stays")
    work.say("/deploy plan Faster search")
    browser.find("dialog.modal")
    work.shot("modal-plan")
    must("the text after the command is filled in",
         browser.of(work.field("what") + "input", "return it.value;") == "Faster search")
    browser.type(work.field("linear_issue") + "input", "the search one")
    browser.choose(work.field("service") + "select", "web")
    browser.type(work.field("starts_at") + "input[type=date]", "11242026")
    browser.type(work.field("starts_at") + "input[type=time]", "1000PM")
    browser.type(work.field("duration") + "input", "45m")
    browser.choose(work.field("on_call") + "select", "Bob Baker")
    browser.type(work.field("changes") + "textarea", "New index\nCached results <b>&</b> *more*")
    browser.type(work.field("expected_impact") + "input", "Search answers in half the time")
    browser.type(work.field("rollback_plan") + "input", "Revert the merge commit and deploy")
    browser.choose(work.field("client_facing") + "select", "yes")
    browser.choose(work.field("requested_by") + "select", "Jane Doe")
    browser.click("dialog.modal button[type=submit]")
    browser.find((work.field("linear_issue") + ".field-error", "ENG-123"))
    work.shot("modal-plan-error")
    must("what was typed stayed", browser.of(
        work.field("duration") + "input", "return it.value;") == "45m")
    browser.replace(work.field("linear_issue") + "input", "ENG-123")
    browser.click("dialog.modal button[type=submit]")
    browser.gone("dialog.modal")
    browser.find(work.card("D-3"))
    work.shot_card("D-3", "planned")


def sign_off(work):
    browser = work.browser
    work.step("Petra signs off by reply; Linear has the comment")
    work.act_as("Petra Pohl")
    work.open_thread("D-3")
    browser.type("#thread-box", "Stakeholder sign-off: Petra Pohl, 2026-11-24")
    browser.keys("Enter")
    work.in_thread("Petra Pohl signed off D-3")
    work.panel("linear")
    browser.find((".panel .card", "ENG-123"))
    must("Linear shows the words of the document",
         "Stakeholder sign-off: Petra Pohl, 2026-11-24" in browser.text((".panel .card", "ENG-123")))
    work.shot("thread-and-linear")
    work.step("José signs for Jane: he alone is told no")
    work.act_as("José Núñez")
    work.open_thread("D-3")
    browser.type("#thread-box", "Stakeholder sign-off: Jane Doe, today")
    browser.keys("Enter")
    browser.find((".thread .message.ephemeral", "don't hold any of those roles"))
    work.shot("only-visible-to-jose")
    work.act_as("Jane Doe")
    work.open_thread("D-3")
    work.in_thread("Petra Pohl signed off D-3")
    must("Jane does not see what José was told", not browser.has((".message.ephemeral", "don't hold any of those roles")))
    work.step("Jane, who asked for it, signs off by the button of her direct message")
    browser.click(".close-thread")
    work.go_to("Messages")
    browser.find((".room .message", "D-3"))
    work.shot("direct-messages")
    browser.click_in((".room .message", "D-3"), "return it.querySelector('.button');")
    browser.find((".panel .card", "Jane Doe, 2026-11-24"))
    work.go_to("deploys")


def pass_the_gates(work):
    browser = work.browser
    work.step("Bob ticks the checklists, Dana gives the go, Bob is ready")
    work.act_as("Bob Baker")
    for checklist in ("gate1", "qa", "gate2", "pre_deployment"):
        work.tick_all("D-3", checklist)
    work.until_stage(3, "signed off")
    work.press("D-3", "verb:ready")
    work.act_as("Dana Diaz")
    work.press("D-3", "verb:go")
    browser.until("the go is given", lambda: any(
        event["kind"].startswith("go") for event in work.demo.state("U0ALICE")["record"]["events"]))
    work.shot_card("D-3", "ready")


def start_it(work):
    browser = work.browser
    work.step("Alice starts too early and is refused, alone, with the next slots")
    work.act_as("Alice Archer")
    work.say("/deploy start D-3")
    work.whispered("outside the deployment windows")
    work.shot("refused-start")
    for left in range(len(browser.all(".message.ephemeral")), 0, -1):  # the refusal, and what the plan was warned of
        browser.click(".message.ephemeral .tools button")
        browser.until("one is gone", lambda: len(browser.all(".message.ephemeral")) < left)
    work.step("The clock goes to the notice, then to the start")
    work.panel("clock")
    work.shot("clock")
    browser.click(".moves .wide")
    browser.find(("#clock-chip", "6:00 PM"))  # where D-1's missing sign-offs are asked for again
    browser.click(".moves .wide")
    browser.find((".room .message", "Planned Deployment"))
    browser.find(("#clock-chip", "9:00 PM"))
    browser.click((".moves .button", "+1 h"))
    browser.find(("#clock-chip", "10:00 PM"))
    work.step("She presses Start; a dialog says what will happen")
    work.press("D-3", "verb:start")
    browser.find("dialog.confirm")
    work.shot("confirm-start")
    work.confirm()
    work.until_stage(3, "deploying")
    browser.find(work.card("D-3"))
    work.shot_card("D-3", "deploying")


def finish_it(work, number):
    browser = work.browser
    deployment = f"D-{number}"
    work.step(f"{deployment}: smoke tests, done, the watch")
    work.tick_all(deployment, "steps")
    work.tick_all(deployment, "smoke")
    work.press(deployment, "verb:done")
    browser.find("dialog.modal")
    work.shot("modal-done")
    browser.click("dialog.modal button[type=submit]")
    browser.gone("dialog.modal")
    work.until_stage(number, "watching")
    browser.find((".room .message", "Deployment Complete"))
    work.shot_card(deployment, "watching")


def roll_it_back(work):
    browser = work.browser
    work.step("Bob reports an issue, tells more, and rolls back")
    work.act_as("Bob Baker")
    work.press("D-3", "verb:issue")
    browser.find("dialog.modal")
    browser.type(work.field("what") + "input", "Errors at login")
    browser.choose(work.field("severity") + "select", "P0")
    browser.type(work.field("impact") + "input", "A third of the logins fail")
    work.shot("modal-issue")
    browser.click("dialog.modal button[type=submit]")
    browser.find((".room .message", "Deployment Issue Detected"))
    work.say("/deploy update D-3")
    work.look_at_modal("update")
    work.press("D-3", "verb:rollback:form")
    work.look_at_modal("rollback")
    work.say("/rollback D-3 Errors at login")
    work.until_stage(3, "rolling back")
    work.shot_card("D-3", "rolling back")
    work.tick_all("D-3", "rollback_steps")
    browser.find((".room .message", "Rollback executed for D-3"))
    work.tick_all("D-3", "rollback_smoke")
    browser.until("D-3 is rolled back", lambda: work.demo.stage_of(3) == "rolled back" or (
        browser.has("[data-place$='verb:rolledback']") and work.press("D-3", "verb:rolledback")))
    work.shot_card("D-3", "rolled back")
    work.press("D-3", "verb:postmortem:file")
    work.look_at_modal("postmortem")
    work.open_thread("D-3")
    browser.find(".thread .file")
    browser.click(".thread .file summary")
    must("the post-mortem is a file that can be read", "Post-Mortem" in browser.text(".thread .file pre"))
    work.shot("post-mortem-file")
    browser.click(".close-thread")


def complete_another(work):
    """D-1 down to its clean end, and D-2 cancelled: the cards that are over."""
    browser = work.browser
    work.step("Dana unlocks the service; D-1 goes all the way to its clean end")
    work.act_as("Dana Diaz")
    work.press("D-3", "verb:unlock")
    work.confirm()
    work.act_as("Jane Doe")
    work.press("D-1", "verb:signoff")
    browser.find((".panel .card", "ENG-1"), 1) if browser.has("#panel-tab-linear[aria-selected=true]") else None
    work.act_as("Bob Baker")
    work.tick_all("D-1", "gate2")
    work.until_stage(1, "signed off")
    work.tick_all("D-1", "pre_deployment")
    work.say("/deploy ready D-1")
    work.act_as("Alice Archer")
    work.say("/deploy ready D-1")
    work.act_as("Dana Diaz")
    work.press("D-1", "verb:go")
    work.press("D-1", "verb:start")
    work.confirm()
    work.until_stage(1, "deploying")
    finish_it(work, 1)
    work.panel("clock")
    browser.click((".moves .button", "+1 day"))
    browser.click((".moves .button", "+10 min"))
    for who in ("Alice Archer", "Bob Baker"):
        work.act_as(who)
        work.say("/deploy clean D-1")
    work.until_stage(1, "done")
    work.shot_card("D-1", "done")
    work.step("Bob cancels D-2")
    work.press("D-2", "verb:cancel")
    browser.find("dialog.modal")
    browser.type(work.field("reason") + "textarea", "Another way was found")
    work.shot("modal-cancel")
    browser.click("dialog.modal button[type=submit]")
    work.until_stage(2, "cancelled")
    work.shot_card("D-2", "cancelled")


def look_at_all_modals(work):
    browser = work.browser
    work.step("The other modals")
    work.act_as("Dana Diaz")
    for verb in ("amend", "reschedule", "except", "decline", "signoff:form", "delegate"):
        work.press("D-2", f"verb:{verb}")
        work.look_at_modal(verb.split(":")[0])
    work.say("/deploy oncall swap")
    work.look_at_modal("swap")
    work.go_to("Home")
    browser.find(".home .button")
    work.shot("app-home")
    browser.click((".home .button", "Freeze"))
    work.look_at_modal("freeze")
    work.go_to("deploys")


def type_what_is_not_markup(work):
    browser = work.browser
    work.step("What people type stays text; mentions, emoji and reactions work")
    work.go_to("random")
    evil = '<img src=x onerror="document.title=1"> <script>document.title=2</script> &amp; *bold* `code`'
    work.say(evil)
    browser.find((".room .message", '<img src=x onerror="document.title=1">'))
    must("no element came of it", browser.script("return document.querySelectorAll('.room img, .room script').length") == 0)
    must("bold is bold", browser.text(".room .message:last-child strong:not(.message-head strong)") == "bold")
    browser.type("#composer-box", "@Pet")
    browser.find((".suggestions li", "Petra Pohl"))
    browser.keys("Enter")
    browser.keys("look :tad")
    browser.find((".suggestions li", ":tada:"))
    browser.keys("Enter")
    browser.keys("Enter")
    browser.find((".room .message .mention", "@Petra Pohl"))
    browser.script("document.querySelector('.room .message:last-child').focus()")
    browser.keys("r")
    browser.click(".menu.grid button:nth-child(4)")
    browser.find(".reaction.mine")
    work.shot("mentions-and-reactions")
    work.go_to("deploys")


def use_the_keyboard_alone(work):
    browser = work.browser
    work.step("Keyboard alone: another person, a command completed, a modal, Escape, the thread")
    browser.open(work.demo.address + "?keyboard")
    browser.find(".room .message")
    browser.keys("Tab")
    must("the first Tab offers to skip to the message box", "Skip" in browser.focused())
    browser.keys("Control+k")
    browser.find("dialog.list")
    browser.keys("Dana")
    browser.until("one is left", lambda: len(browser.all(".choice")) == 1)
    work.shot("go-to")
    browser.keys("Enter")
    browser.until("Dana acts", lambda: "Dana Diaz" in browser.text(".who"))
    browser.until("the keyboard is where it was", lambda: "Skip" in browser.focused())
    browser.keys("Enter")
    browser.until("the skip link leads to the message box", lambda: "Message #deploys" in browser.focused())
    browser.keys("/dep", "Tab", "decl", "Tab", "D")
    browser.find((".suggestions li", "D-2"))
    work.shot("completion")
    browser.keys("Tab", "Enter")
    browser.find("dialog.modal")
    must("the modal takes the keyboard", browser.focused().startswith("Reason"))
    browser.keys("Escape")
    browser.gone("dialog.modal")
    browser.until("the message box has it back", lambda: "Message #deploys" in browser.focused())
    browser.keys("/deploy decline D-2", "Enter")
    browser.find("dialog.modal")
    browser.keys("The limits are too low", "Tab", "Tab", "Enter")
    browser.gone("dialog.modal")
    browser.keys("Shift+Tab")
    must("before the message box come the messages and what can be pressed in them",
         browser.script("return document.activeElement.closest('.messages') !== null;"))


def look_at_a_phone(work):
    browser = work.browser
    work.step("A phone, and the dark")
    for is_dark in (False, True):
        browser.dark(is_dark)
        tone = "dark" if is_dark else "light"
        browser.resize(1440, 900)
        work.shot(f"desk-{tone}")
        browser.resize(390, 844)
        if browser.has(".panel"):
            browser.click(".panel-toggle")
        work.scroll_to("D-3")
        work.shot(f"phone-card-{tone}")
        must("nothing is wider than the phone", browser.script(
            "return document.documentElement.scrollWidth <= innerWidth"))
        work.open_thread("D-3")
        work.shot(f"phone-thread-{tone}")
        browser.click(".close-thread")
        browser.click("[data-place=menu]")
        work.shot(f"phone-channels-{tone}")
        work.go_to("Home")
        browser.find(".home .button")
        work.shot(f"phone-home-{tone}")
        browser.click((".home .button", "Plan"))
        browser.find("dialog.modal")
        work.shot(f"phone-modal-{tone}")
        browser.click("dialog.modal .modal-head button")
        browser.gone("dialog.modal")
        browser.click("#clock-chip")
        work.shot(f"phone-clock-{tone}")
        browser.click(".panel .room-head > button")
        browser.click("[data-place=menu]")
        work.go_to("deploys")
    browser.resize(1440, 900)
    browser.dark(False)


def account_for_it(work):
    state = work.demo.state("U0ALICE")
    must(f"Slack complained: {state['complaints']}", not state["complaints"])
    bodies = [comment["body"] for comment in state["linear"]["comments"] if comment["issue"] == "ENG-123"]
    must(f"Linear holds each sign-off of D-3 once, not {bodies}", sorted(bodies) == [
        "Stakeholder sign-off: Jane Doe, 2026-11-24", "Stakeholder sign-off: Petra Pohl, 2026-11-24"])
    complaints = [line for line in work.browser.complaints() if "409" not in line]
    must(f"the browser complained: {complaints}", not complaints)


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    programs = find_programs()
    if programs is None:
        print("page: skipped, for there is no Chromium with its driver here (Debian: chromium chromium-driver; "
              "Ubuntu's are snaps, which cannot be driven)")
        return SKIPPED
    shots = pathlib.Path(sys.argv[2])
    for old in shots.glob("*.png"):
        old.unlink()
    demo = Demo(sys.argv[1], sys.argv[3:])
    browser = Browser(programs)
    work = Workspace(demo, browser, shots)
    try:
        browser.open(demo.address)
        browser.find(".room .message")
        for part in (plan_by_modal, sign_off, pass_the_gates, start_it, lambda work: finish_it(work, 3), roll_it_back,
                     look_at_all_modals, use_the_keyboard_alone, complete_another, type_what_is_not_markup,
                     look_at_a_phone, account_for_it):
            part(work)
    except (PageError, DriverError) as failure:
        browser.screenshot(shots / "failure.png")
        print(f"page: {failure}\n  the screen then: {shots / 'failure.png'}\n{''.join(demo.said[-5:])}", file=sys.stderr)
        return 1
    finally:
        browser.close()
        demo.close()
    print(f"page: everything held; {work.count} pictures in {shots}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
