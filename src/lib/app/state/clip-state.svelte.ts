/** A clip that is being cut: from when to when, always one that can be cut. */
import { cutWithin, type Cut } from '#lib/p2p/archive/clip.ts';
import { CLIP_MAX_MS } from '#lib/p2p/archive/limits.ts';

/** What is chosen at first. */
const FIRST_MS = 10_000;

export class ClipState {
	readonly #durationMs: number;
	#cut = $state.raw<Cut>({ fromMs: 0, toMs: 0 });
	/** Where a pointer went down. */
	#heldMs: number | null = null;

	constructor(durationMs: number) {
		this.#durationMs = durationMs;
		this.#choose({ fromMs: 0, toMs: FIRST_MS });
	}

	get cut(): Cut {
		return this.#cut;
	}

	/** The end comes along where it would be too far away, or in front of it. */
	begin(atMs: number): void {
		if (!Number.isFinite(atMs)) return;
		const { fromMs, toMs } = this.#cut;
		this.#choose({ fromMs: atMs, toMs: toMs > atMs ? toMs : atMs + toMs - fromMs });
	}

	/** And the beginning, where the end would be. */
	end(atMs: number): void {
		if (!Number.isFinite(atMs)) return;
		const { fromMs, toMs } = this.#cut;
		const endMs = Math.min(atMs, this.#durationMs);
		const from = fromMs < endMs ? Math.max(fromMs, endMs - CLIP_MAX_MS) : endMs - (toMs - fromMs);
		this.#choose({ fromMs: from, toMs: endMs });
	}

	/** A pointer goes down there, moves on and is lifted: what lies between is chosen. */
	hold(atMs: number): void {
		this.#heldMs = atMs;
	}

	drag(atMs: number): void {
		const heldMs = this.#heldMs;
		if (heldMs === null) return;
		if (atMs > heldMs) this.#choose({ fromMs: heldMs, toMs: atMs });
		else this.#choose({ fromMs: Math.max(atMs, heldMs - CLIP_MAX_MS), toMs: heldMs });
	}

	release(): void {
		this.#heldMs = null;
	}

	#choose(cut: Cut): void {
		this.#cut = cutWithin(cut, this.#durationMs);
	}
}
