/** The generated portrait: a grape with a face, drawn from a peer id alone, the same on every screen. */

export interface Portrait {
	/** 0..359, of the skin, on the even circle of OKLCH. */
	readonly hue: number;
	/** Lightness of the skin, 58..82 percent: dark eyes show on all of it. */
	readonly shade: number;
	/** 0..359, of the background, far enough from `hue` to tell apart. */
	readonly backHue: number;
	/** Where the grape sits in the frame, -6..6 of 100 in each direction, and its lean in degrees. */
	readonly x: number;
	readonly y: number;
	readonly leanDeg: number;
	/** Distance of the eyes from the middle, 9..15 of 100. */
	readonly eyes: number;
	/** Half the width of the mouth, 6..12 of 100. */
	readonly mouth: number;
	readonly leaf: 'left' | 'right' | 'none';
}

const LEAVES = ['left', 'right', 'none'] as const;

export function portraitOf(peer: string): Portrait {
	const next = numbersFrom(peer);
	const hue = 20 * next(18);
	return {
		hue,
		shade: 58 + 8 * next(4),
		backHue: (hue + 90 + 30 * next(7)) % 360,
		x: next(13) - 6,
		y: next(9) - 2,
		leanDeg: 3 * next(13) - 18,
		eyes: 9 + next(7),
		mouth: 6 + next(7),
		leaf: LEAVES[next(3)] ?? 'none'
	};
}

/** FNV-1a, stirred again for each number: cheap, and every letter of the id counts. */
function numbersFrom(text: string): (below: number) => number {
	let state = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) state = stir(state, text.charCodeAt(i));
	return (below) => {
		state = stir(state ^ (state >>> 15), 0x9e);
		return (state >>> 8) % below;
	};
}

function stir(state: number, byte: number): number {
	return Math.imul(state ^ byte, 0x01000193) >>> 0;
}
