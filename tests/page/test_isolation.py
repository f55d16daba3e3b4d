"""Tests share a browser: nothing that one test leaves in it may be found by the next."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Page

from tests.helpers.browsers import forget

KEEP = """async () => {
    localStorage.setItem('kept', '1');
    sessionStorage.setItem('kept', '1');
    document.cookie = 'kept=1; max-age=1000';
    await (await caches.open('kept')).put('/kept', new Response('1'));
    await new Promise((done) => (indexedDB.open('kept').onsuccess = done));
    const folder = await navigator.storage.getDirectory();
    return (await folder.getFileHandle('kept', { create: true })).name;
}"""
FOUND = """async () => {
    const names = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
    return {
        local: Object.keys(localStorage).filter((key) => key === 'kept'),
        session: Object.keys(sessionStorage).filter((key) => key === 'kept'),
        cookie: document.cookie,
        caches: await caches.keys(),
        databases: (await indexedDB.databases()).map(({ name }) => name),
        files: names,
        clipboard: (await navigator.permissions.query({ name: 'clipboard-read' })).state,
        viewport: [innerWidth, innerHeight],
        dark: matchMedia('(prefers-color-scheme: dark)').matches,
        online: navigator.onLine,
        catalog: (await fetch('/api/v1/catalog')).status,
    };
}"""
NOTHING: dict[str, Any] = {
    "local": [],
    "session": [],
    "cookie": "",
    "caches": [],
    "databases": [],
    "files": [],
    "clipboard": "prompt",
    "viewport": [1440, 900],
    "dark": False,
    "online": True,
    "catalog": 200,
}


def test_nothing_of_a_test_is_found_by_the_next(
    page: Page, profile: BrowserContext, staying: list[Page], server: str
) -> None:
    page.goto("/check")
    assert page.evaluate(FOUND) == NOTHING
    assert page.evaluate(KEEP) == "kept"
    profile.grant_permissions(["clipboard-read"])
    profile.route("**/catalog", lambda route: route.fulfill(status=203))
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    profile.set_offline(offline=True)
    left = page.evaluate(FOUND)
    assert {name for name in NOTHING if left[name] == NOTHING[name]} == set()
    forget(profile, {server}, staying)
    page = profile.new_page()
    page.goto("/check")
    assert page.evaluate(FOUND) == NOTHING
