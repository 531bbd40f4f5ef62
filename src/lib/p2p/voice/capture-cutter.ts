/** From blocks of a microphone's sound, one or two channels at any rate, to frames of 20 ms at 48 kHz. */
import { createFrameCutter } from './frame-cutter.ts';
import { createResampler } from './resampler.ts';

export interface CaptureCutter {
	/** Channels of equal length that follow those before, at `rate` Hz. */
	take(channels: readonly Float32Array[], rate: number): void;
}

export interface CaptureCutterOptions {
	readonly rate: number;
	readonly frameSamples: number;
	/** Left and right are wanted apart; else the mean of all channels is what a mono device hears. */
	readonly stereo: boolean;
	/** Gets each whole frame, to keep; `right` is null where there is one channel. */
	readonly onFrame: (
		left: Float32Array<ArrayBuffer>,
		right: Float32Array<ArrayBuffer> | null
	) => void;
}

export function createCaptureCutter(options: CaptureCutterOptions): CaptureCutter {
	let format = '';
	let feed: (channels: readonly Float32Array[]) => void = () => undefined;
	return {
		take(channels, rate) {
			const count = options.stereo && channels.length > 1 ? 2 : 1;
			const now = `${count} ${rate}`;
			// A device that changes its mind begins anew: what is left of a frame is dropped.
			if (now !== format)
				feed = count === 2 ? twoChannels(options, rate) : oneChannel(options, rate);
			format = now;
			feed(channels);
		}
	};
}

const resamplerOf = (
	rate: number,
	{ rate: wanted }: CaptureCutterOptions
): ((block: Float32Array) => Float32Array) =>
	rate === wanted ? (block) => block : createResampler(rate, wanted);

function oneChannel(options: CaptureCutterOptions, rate: number) {
	const resample = resamplerOf(rate, options);
	const cut = createFrameCutter(options.frameSamples, (frame) => options.onFrame(frame, null));
	return (channels: readonly Float32Array[]): void => cut(resample(meanOf(channels)));
}

/** Both are cut at the same places: they are of equal length throughout. */
function twoChannels(options: CaptureCutterOptions, rate: number) {
	const resample = [resamplerOf(rate, options), resamplerOf(rate, options)] as const;
	let left: Float32Array<ArrayBuffer>[] = [];
	const cutLeft = createFrameCutter(options.frameSamples, (frame) => left.push(frame));
	const cutRight = createFrameCutter(options.frameSamples, (frame) => {
		const [first, ...others] = left;
		left = others;
		if (first !== undefined) options.onFrame(first, frame);
	});
	return ([first, second]: readonly Float32Array[]): void => {
		if (first === undefined || second === undefined) return;
		cutLeft(resample[0](first));
		cutRight(resample[1](second));
	};
}

function meanOf(channels: readonly Float32Array[]): Float32Array {
	const [first, ...others] = channels;
	if (first === undefined || others.length === 0) return first ?? new Float32Array(0);
	return first.map(
		(sample, i) => others.reduce((sum, one) => sum + (one[i] ?? 0), sample) / channels.length
	);
}
