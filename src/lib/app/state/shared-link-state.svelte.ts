/** The page of a link to a recording: what it leads to, before and after the person wants it. */
import type { CopyView, Preview, SharingDesk } from '#lib/app/sharing/sharing-desk.ts';
import type { ShareLink } from '#lib/p2p/archive/share-link.ts';
import type { Manifest } from '#lib/p2p/archive/manifest.ts';
import { SharingState } from './sharing-state.svelte.ts';

export class SharedLinkState extends SharingState {
	readonly link: ShareLink;
	readonly #desk: SharingDesk;
	#preview: Preview | null = null;
	#found = $state.raw<Preview['found']>(null);
	#alone = $state.raw(false);

	constructor(desk: SharingDesk, link: ShareLink) {
		super(desk);
		this.link = link;
		this.#desk = desk;
		if (!this.isOwn && !this.#isHere) this.#look();
	}

	/** We hand it out ourselves. */
	get isOwn(): boolean {
		return this.shared(this.link.id) !== null;
	}

	/** What we have of it, or had. */
	get mine(): CopyView | null {
		return this.copy(this.link.id);
	}

	/** Null until somebody has told. */
	get manifest(): Manifest | null {
		const told = this.#found?.manifest ?? null;
		const { mine } = this;
		if (mine === null) return told;
		// Fetched before, taken back, and shared again: what was told last counts.
		return told !== null && told.issuedAtMs > mine.manifest.issuedAtMs ? told : mine.manifest;
	}

	/** Nobody who has it was there the last time we looked. */
	get alone(): boolean {
		return this.#alone;
	}

	/** It can be fetched: it is not here, and was not taken back. */
	get offered(): boolean {
		const { manifest, mine } = this;
		const isOver = mine?.state === 'withdrawn' || mine?.state === 'expired';
		return manifest?.state === 'shared' && (mine === null || isOver);
	}

	fetch(): Promise<void> {
		const found = this.#found;
		if (found === null) return Promise.resolve();
		return this.act(() => this.#desk.fetch(this.link, found));
	}

	close(): void {
		this.#preview?.stop();
	}

	get #isHere(): boolean {
		const { mine } = this;
		return mine !== null && mine.state !== 'withdrawn' && mine.state !== 'expired';
	}

	#look(): void {
		this.#preview = this.#desk.look(this.link, () => {
			this.#found = this.#preview?.found ?? null;
			this.#alone = this.#preview?.alone ?? false;
		});
	}
}
