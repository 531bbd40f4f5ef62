/**
 * An ear in the page: whatever is connected to the sound output is also connected to an analyser, whose
 * samples are those that are played. `installEar` runs in the page and must stand by itself.
 */
import type { Page } from 'playwright';

interface Ear {
	/** Level in dBFS of each tone over the last `samples` of what the page played. */
	tones(hz: readonly number[], samples: number): number[];
	/** Seconds of sound that were played so far: on a starved machine the sound output stands still now and then. */
	playedS(): number;
}

export function installEar(): void {
	/** A long one, and a short one that is read often: both read whole, and a copy of 0.7 s is work. */
	const SIZES = [32_768, 2_048] as const;
	const analysers: Record<number, AnalyserNode[]> = { 32_768: [], 2_048: [] };
	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the node as `this` below
	const connect = AudioNode.prototype.connect as (...words: unknown[]) => unknown;
	AudioNode.prototype.connect = function (this: AudioNode, ...words: unknown[]) {
		if (words[0] instanceof AudioDestinationNode) {
			for (const size of SIZES) {
				const analyser = this.context.createAnalyser();
				analyser.fftSize = size;
				connect.call(this, analyser);
				analysers[size]?.push(analyser);
			}
		}
		return connect.call(this, ...words);
	} as typeof AudioNode.prototype.connect;
	/** Weights for so many samples: under a Hann window, or a loud tone's side lobes would pass for a soft one. */
	const windows = new Map<number, Float32Array>();
	const windowOf = (count: number): Float32Array => {
		const known = windows.get(count);
		if (known !== undefined) return known;
		const made = Float32Array.from(
			{ length: count },
			(_, i) => 1 - Math.cos((2 * Math.PI * i) / count)
		);
		windows.set(count, made);
		return made;
	};
	/** `samples` are weighted already. */
	const goertzel = (samples: Float32Array, hz: number, rate: number): number => {
		const turn = 2 * Math.cos((2 * Math.PI * hz) / rate);
		let [before, last] = [0, 0];
		for (const sample of samples) {
			const next = sample + turn * last - before;
			before = last;
			last = next;
		}
		const power = before * before + last * last - turn * before * last;
		return 10 * Math.log10((2 * power) / samples.length ** 2 + 1e-12);
	};
	const ear: Ear = {
		tones(hz, count) {
			const sum = new Float32Array(count);
			let rate = 48_000;
			const size = count <= 2_048 ? 2_048 : 32_768;
			for (const analyser of analysers[size] ?? []) {
				const samples = new Float32Array(size);
				analyser.getFloatTimeDomainData(samples);
				rate = analyser.context.sampleRate;
				samples.subarray(-count).forEach((sample, i) => (sum[i] = (sum[i] ?? 0) + sample));
			}
			const weights = windowOf(count);
			const weighted = sum.map((sample, i) => sample * (weights[i] ?? 0));
			return hz.map((tone) => goertzel(weighted, tone, rate));
		},
		playedS: () =>
			Math.max(0, ...(analysers[2_048] ?? []).map(({ context }) => context.currentTime))
	};
	Object.assign(window, { ear });
}

/**
 * Has the ear hear what players of files play as well: from when they begin, their sound goes by a sound output of the page's.
 * Runs in the page and must stand by itself.
 */
export function installMediaEar(): void {
	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with the element as `this` below
	const play = HTMLMediaElement.prototype.play;
	const heard = new WeakSet<HTMLMediaElement>();
	HTMLMediaElement.prototype.play = function () {
		if (!heard.has(this)) {
			const context = new AudioContext();
			context.createMediaElementSource(this).connect(context.destination);
			heard.add(this);
		}
		return play.call(this);
	};
}

/** 0.68 s: two whole bursts of every speaker and more. */
export const LONG_WINDOW_SAMPLES = 32_768;
/** 43 ms, to tell when a tone ended. */
export const SHORT_WINDOW_SAMPLES = 2_048;
/**
 * Speakers play at about -20 dBFS. A tone is heard above the first; below the second it is none. In a window as
 * short as the short one, other voices' coding noise and the joints of stretched sound reach a little more.
 */
export const HEARD_DBFS = -40;
export const SILENT_DBFS = -50;
export const SHORT_SILENT_DBFS = -45;

export function tonesAt(
	page: Page,
	hz: readonly number[],
	samples = LONG_WINDOW_SAMPLES
): Promise<number[]> {
	return page.evaluate(
		([tones, count]) => (window as unknown as { ear: Ear }).ear.tones(tones, count),
		[hz, samples] as const
	);
}
