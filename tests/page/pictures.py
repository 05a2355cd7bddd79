#!/usr/bin/env python3
"""The pictures of README.md, taken anew: slipway-demo's workspace page in headless Chromium.

usage: pictures.py SLIPWAY_DEMO FOLDER

Writes card.png, plan-form.png, thread.png, notice.png, home.png and phone.png. Ends with 0 when all were taken, 77 when
there is no Chromium to take them with.
"""

import pathlib
import sys

from browser import Browser, DriverError, PageError, find_programs
from main_job import SKIPPED, Demo, Workspace, must

LARGEST = 150_000  # bytes: a README is read on slow connections too


def plan(work, folder):
    browser = work.browser
    work.say("/deploy plan Faster search")
    browser.find("dialog.modal")
    browser.type(work.field("linear_issue") + "input", "ENG-123")
    browser.choose(work.field("service") + "select", "web")
    browser.type(work.field("starts_at") + "input[type=date]", "11242026")
    browser.type(work.field("starts_at") + "input[type=time]", "1000PM")
    browser.type(work.field("duration") + "input", "45m")
    browser.choose(work.field("on_call") + "select", "Bob Baker")
    browser.type(work.field("changes") + "textarea", "New index for titles\nResults are cached for a minute")
    browser.type(work.field("expected_impact") + "input", "Search answers in half the time")
    browser.type(work.field("rollback_plan") + "input", "Revert the merge commit and deploy")
    browser.choose(work.field("client_facing") + "select", "yes")
    browser.choose(work.field("requested_by") + "select", "Jane Doe")
    browser.of("dialog.modal .modal-body", "it.scrollTop = 0;")
    browser.picture("dialog.modal", folder / "plan-form.png")
    browser.click("dialog.modal button[type=submit]")
    browser.gone("dialog.modal")
    browser.find(work.card("D-3"))


def sign_off(work, folder):
    browser = work.browser
    work.act_as("Petra Pohl")
    work.open_thread("D-3")
    browser.type("#thread-box", "Stakeholder sign-off: Petra Pohl, 2026-11-24")
    browser.keys("Enter")
    work.in_thread("Petra Pohl signed off D-3")
    browser.picture(".thread", folder / "thread.png")
    browser.click(".close-thread")


def tick(work):
    work.act_as("Bob Baker")
    for checklist in ("gate1", "qa", "gate2"):
        work.tick_all("D-3", checklist)
    work.press("D-3", "verb:ready")
    card = work.card("D-3")
    work.browser.until("the card counts the ticks", lambda: "QA 6/6" in work.browser.text(card))
    work.browser.until("the card knows Bob is ready", lambda: "say they're ready" not in work.browser.text(card))


def look(work, folder):
    browser = work.browser
    work.act_as("Jane Doe")
    browser.picture(work.card("D-3"), folder / "card.png")
    work.go_to("Home")
    browser.find(".home .button")
    browser.resize(1100, 580)
    browser.picture(".home", folder / "home.png")
    work.go_to("deploys")
    browser.resize(390, 844)
    if browser.has(".panel"):
        browser.click(".panel-toggle")
    work.scroll_to("D-3")
    browser.screenshot(folder / "phone.png")
    browser.resize(1100, 900)


def announce(work, folder):
    browser = work.browser
    work.panel("clock")
    browser.click(".moves .wide")
    notice = ".room .message", "Planned Deployment"
    browser.find(notice)
    browser.click(".panel-toggle")
    browser.picture(notice, folder / "notice.png")


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    programs = find_programs()
    if programs is None:
        print("pictures: skipped, because there is no Chromium with its driver here (Debian: chromium chromium-driver)")
        return SKIPPED
    folder = pathlib.Path(sys.argv[2])
    demo = Demo(sys.argv[1], [])
    browser = Browser(programs)
    work = Workspace(demo, browser, folder)
    work.shot = lambda name: None  # only the chosen ones are kept
    try:
        browser.resize(1100, 1080)
        browser.open(demo.address)
        browser.find(".room .message")
        plan(work, folder)
        sign_off(work, folder)
        tick(work)
        look(work, folder)
        announce(work, folder)
        for name in ("card", "plan-form", "thread", "notice", "home", "phone"):
            size = (folder / f"{name}.png").stat().st_size
            must(f"{name}.png has {size} bytes, {LARGEST} at most", size <= LARGEST)
    except (PageError, DriverError) as failure:
        browser.screenshot(pathlib.Path("pictures-failure.png"))
        print(f"pictures: {failure}\n  the screen then: pictures-failure.png", file=sys.stderr)
        return 1
    finally:
        browser.close()
        demo.close()
    print(f"pictures: six in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
