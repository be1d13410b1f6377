"""A window on the built book that can reach nothing else and keeps what goes wrong."""

from playwright.sync_api import Browser, Page, Request, Route

# Figures that wait for a prediction, opened where they start; passing would move their controls.
UNVEIL = """() => {
    for (const one of document.querySelectorAll('.prediction-veiled')) {
        one.classList.remove('prediction-veiled');
        const figure = one.querySelector('.prediction-figure');
        figure.inert = false;
        figure.removeAttribute('aria-hidden');
    }
}"""


class Visit:
    """One page in one window, and all that went wrong on the way."""

    def __init__(self, browser: Browser, address: str, **context: object) -> None:
        self.address = address
        self.also = address  # a second server that a page may reach
        self.problems: list[str] = []
        self.context = browser.new_context(**context)
        self.context.route("**/*", self.keep_inside)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(600_000)
        self.page.on("console", lambda message: self.note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on(
            "response",
            lambda response: (
                self.problems.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        self.page.on("requestfailed", self.note_failure)

    def note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.problems.append(f"console {kind}: {text}")

    def note_failure(self, request: Request) -> None:
        # A page that is left while its icon loads aborts that request, as it should.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.url}")

    def keep_inside(self, route: Route) -> None:
        if route.request.url.startswith((self.address, self.also, "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"outside: {route.request.url}")
            route.abort()

    def open(self, page: str) -> Page:
        """Open a page of the book and wait until its mathematics is set."""
        self.page.goto(f"{self.address}/{page}.html", wait_until="networkidle")
        self.page.wait_for_function(
            "!document.querySelector('.math') || window.MathJax?.startup?.promise"
        )
        self.page.evaluate("window.MathJax?.startup?.promise")
        return self.page

    def open_figures(self, page: str) -> Page:
        """Open a page, and lift the veil from the figures that wait for a prediction."""
        self.open(page)
        self.page.evaluate(UNVEIL)
        return self.page
