"""The console in a real browser: 500 conversations with changes all the time, and one of 150 messages opened."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from benchmarks import hub as product
from benchmarks.http_load import HttpLoad
from benchmarks.row import Row, Tally, alone
from scripts import browser as chromium

LIVE, RATE, SECONDS, LONG = 500, 20, 10, 150
ROWS = "#rows [data-conversation]"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--enable-precise-memory-info"]
WATCH = """() => {
  window.seen = { tasks: [], frames: [] }
  new PerformanceObserver((list) => window.seen.tasks.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: 'longtask' })
  let last = performance.now()
  const frame = (now) => { window.seen.frames.push(now - last); last = now; requestAnimationFrame(frame) }
  requestAnimationFrame(frame)
}"""
OPEN = """(name) => new Promise((done) => {
  const row = [...document.querySelectorAll('#rows [data-conversation]')].find((one) => one.textContent.includes(name))
  const began = performance.now()
  const look = () => document.querySelectorAll('[role=log] .bubble').length < %d
    ? requestAnimationFrame(look) : done(performance.now() - began)
  row.click()
  look()
})"""
ECHO = """() => new Promise((done) => {
  const field = document.querySelector('main textarea')
  new MutationObserver((_changes, watcher) => {
    if (!document.querySelector('[role=log]').textContent.includes('echo of mine')) return
    watcher.disconnect()
    requestAnimationFrame(() => done(performance.now() - began))
  }).observe(document.querySelector('[role=log]'), { childList: true, subtree: true })
  const began = performance.now()
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
})"""


async def measure(rounds: int) -> list[Row]:
    tally = Tally()
    with TemporaryDirectory(prefix="relevo-bench-") as folder, product.hub(Path(folder)) as hub:
        async with chromium_browser() as browser, HttpLoad(hub.process.port, 8) as load:
            await load.flat_out(lambda customer: hub.whatsapp(0, customer, product.ASK), 0, LIVE)
            await _converse(hub, load)
            for round_ in range(rounds):
                async with console_page(browser, hub, "queue") as page:
                    await _changes(page, load, hub, 1_000 * (round_ + 1), tally)
                    tally.add("open", await _open_long(page))
    return [
        alone(f"console, {LIVE} conversations, {RATE} changes/s: frames p99", "ms", tally["frame p99"], "≤ 100"),
        alone("the same: time in long tasks, of each second", "ms", tally["busy"], "≤ 200"),
        alone("the same: heap", "MB", tally["heap"], "≤ 80"),
        alone(f"opening a conversation of {LONG} messages", "ms", tally["open"], "≤ 300"),
    ]


async def _converse(hub: product.Hub, load: HttpLoad) -> None:
    """A customer writes, and an agent a note to each message: all have their author and their time."""
    console = await hub.console(1)
    name = "Cliente 0"
    found = (await console.call("search", {"text": name}))["found"]
    long = next(one["conversation"] for one in found if one["conversation"]["customer"]["name"] == name)
    note = {"conversation_id": long["id"], "epoch": long["epoch"], "private": True}
    for number in range(LONG // 2):
        await load.flat_out(lambda place: hub.whatsapp(place + 1, 0, f"mensaje {place}"), number, 1)
        answer = await console.call("reply", {**note, "client_message_id": f"n{number}", "text": f"nota {number}"})
        assert answer["ok"], answer
    console.close()


async def _changes(page: Page, load: HttpLoad, hub: product.Hub, first: int, tally: Tally) -> None:
    await page.evaluate(WATCH)
    number = RATE * SECONDS
    await load.open_loop(lambda place: hub.whatsapp(first + place, 1 + place % (LIVE - 1), "¿hola?"), 0, number, RATE)
    seen: dict[str, Any] = await page.evaluate("window.seen")
    frames = sorted(seen["frames"])
    tally.add("frame p99", frames[int(len(frames) * 0.99)])
    tally.add("busy", sum(seen["tasks"]) / SECONDS)
    tally.add("heap", await page.evaluate("performance.memory.usedJSHeapSize") / 1e6)


async def _open_long(page: Page) -> float:
    """Milliseconds until the conversation whose history is here already stands there in full."""
    row = page.locator(ROWS).filter(has_text="Cliente 0").first
    await page.get_by_role("searchbox").fill("Cliente 0")
    await row.click()
    bubbles = page.locator("[role=log] .bubble")
    for _ in range(LONG // 50):
        before = await bubbles.count()
        if before < LONG:
            await page.get_by_role("button", name="Ver mensajes anteriores").click()
            await bubbles.nth(before).wait_for(state="attached")
    await page.get_by_role("searchbox").fill("")
    await page.locator(ROWS).last.click()
    await page.get_by_role("searchbox").fill("Cliente 0")
    await row.wait_for()
    return float(await page.evaluate(OPEN % LONG, "Cliente 0"))


@asynccontextmanager
async def chromium_browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.path(), args=FLAGS)
        yield browser
        await browser.close()


@asynccontextmanager
async def console_page(browser: Browser, hub: product.Hub, tab: str) -> AsyncIterator[Page]:
    """An agent's console, with the rows of a tab before it."""
    address = f"http://127.0.0.1:{hub.process.port}"
    name, _, value = hub.cookies[0].partition("=")
    async with AsyncExitStack() as stack:
        context = await browser.new_context(locale="es-MX", viewport={"width": 1440, "height": 900})
        stack.push_async_callback(context.close)
        await context.add_cookies([{"name": name, "value": value, "url": address}])
        page = await context.new_page()
        await page.goto(f"{address}/console/inbox/{tab}")
        await page.wait_for_selector(ROWS)
        yield page


async def paint_times() -> dict[str, float]:
    """Milliseconds from the address to the first paint, and from Enter to one's own words in the log."""
    with TemporaryDirectory(prefix="relevo-bench-") as folder, product.hub(Path(folder)) as hub:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(product.served_customers(hub))
            browser = await stack.enter_async_context(chromium_browser())
            page = await stack.enter_async_context(console_page(browser, hub, "mine"))
            first = await page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            await page.locator(ROWS).first.click()
            await page.get_by_role("textbox", name="Responder").fill("echo of mine")
            return {"first paint": first, "local echo": await page.evaluate(ECHO)}


def paint() -> dict[str, float]:
    return asyncio.run(paint_times())
