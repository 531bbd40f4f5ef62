/**
 * Whoever uses a keyboard or a screen reader stands somewhere on the page. Where that place goes away (a note was
 * answered, a question asked, a room ended), the browser drops them at the very beginning: here they are put
 * down next to where they were.
 *
 * 1. Only where nobody else took the focus.
 * 2. First choice: what stands there now under the same name, or what had led to it (`openedBy`).
 * 3. Else the nearest control; where the whole screen is another, its heading.
 */

/** On what takes the place of the button that opened it: where to go back to. */
export const OPENED_BY = 'data-opened-by';

const CONTROLS =
	'a[href], button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea:not(:disabled)';

/** The name of what has the focus now, to come back to; empty where nothing has. */
export function openedBy(): string {
	const { activeElement } = document;
	return activeElement === null || activeElement === document.body ? '' : nameOf(activeElement);
}

/** Watches over all of `root` until the returned function is called. */
export function keepFocus(root: HTMLElement): () => void {
	let last: Element | null = null;
	const note = (event: FocusEvent): void => {
		if (event.target instanceof Element) last = event.target;
	};
	const observer = new MutationObserver((records) => {
		if (last === null || last.isConnected || !isLost()) return;
		const lost = last;
		const record = records.find(({ removedNodes }) =>
			[...removedNodes].some((node) => node.contains(lost))
		);
		last = null;
		if (record !== undefined) putDown(record, namesFor(lost));
	});
	root.addEventListener('focusin', note);
	observer.observe(root, { childList: true, subtree: true });
	return () => {
		observer.disconnect();
		root.removeEventListener('focusin', note);
	};
}

function isLost(): boolean {
	const { activeElement, body } = document;
	return activeElement === null || activeElement === body;
}

/** Under what names its place may be found again. */
function namesFor(lost: Element): readonly string[] {
	const opener = lost.closest(`[${OPENED_BY}]`)?.getAttribute(OPENED_BY) ?? '';
	return [opener, nameOf(lost)].filter((name) => name !== '');
}

function nameOf(element: Element): string {
	return (element.getAttribute('aria-label') ?? element.textContent).trim();
}

/** From the place itself outwards, until there is something to stand on. */
function putDown({ target, nextSibling }: MutationRecord, names: readonly string[]): void {
	let place = target instanceof Element ? target : target.parentElement;
	let before: Node | null = nextSibling;
	for (; place !== null; place = place.parentElement) {
		if (place.matches('main, body')) return focusHeading(place);
		const controls = [...place.querySelectorAll<HTMLElement>(CONTROLS)].filter(isThere);
		const same = controls.find((control) => names.includes(nameOf(control)));
		const next = controls.find((control) => isBehind(control, before));
		const found = same ?? next ?? controls.at(-1);
		if (found !== undefined) return found.focus();
		before = place.nextSibling;
	}
}

const isThere = (control: HTMLElement): boolean =>
	control.tabIndex >= 0 && control.checkVisibility({ visibilityProperty: true });

/** In `node` or behind it. */
function isBehind(control: HTMLElement, node: Node | null): boolean {
	if (node === null) return false;
	const position = node.compareDocumentPosition(control);
	return (
		(position & (Node.DOCUMENT_POSITION_CONTAINED_BY | Node.DOCUMENT_POSITION_FOLLOWING)) !== 0 ||
		node === control
	);
}

function focusHeading(place: Element): void {
	const heading = place.querySelector<HTMLElement>('h1');
	if (heading === null) return;
	heading.tabIndex = -1;
	heading.focus();
}
