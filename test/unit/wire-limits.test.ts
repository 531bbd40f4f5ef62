import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as archive from '#lib/p2p/archive/limits.ts';
import * as sharing from '#lib/p2p/archive/share-limits.ts';
import * as filling from '#lib/p2p/wire/filling.ts';
import * as timing from '#lib/p2p/tree/timing.ts';
import * as captionLimits from '#lib/p2p/wire/caption-limits.ts';
import * as chatLimits from '#lib/p2p/wire/chat-limits.ts';
import * as limits from '#lib/p2p/wire/limits.ts';
import type { Rate } from '#lib/p2p/wire/rate.ts';

const protocol = readFileSync(new URL('../../docs/PROTOCOL.md', import.meta.url), 'utf8');
const inCode: Readonly<Record<string, number | Rate>> = {
	...limits,
	...timing,
	...archive,
	...sharing,
	FILL_RANGES_MAX: filling.FILL_RANGES_MAX,
	FILL_FRAMES_MAX: filling.FILL_FRAMES_MAX,
	FILL_RATE: filling.FILL_RATE,
	...captionLimits,
	...chatLimits
};
/** Rows that begin with a constant in backquotes. */
const rows = [...protocol.matchAll(/^\| `([A-Z][A-Z0-9_]+)` +\| ([^|]+?) +\|/gm)].map(
	([, name = '', value = '']) => ({ name, value })
);

const written = (value: number | Rate | undefined): string => {
	if (value === undefined) return 'not in the code';
	if (typeof value === 'number') return value.toLocaleString('en');
	return `${value.burst.toLocaleString('en')} at once, then ${value.perSecond} a second`;
};

describe('docs/PROTOCOL.md', () => {
	it('gives bounds and timers the values they have', () => {
		expect(rows.length).toBeGreaterThan(90);
		const wrong = rows.filter(({ name, value }) => value !== written(inCode[name]));
		expect(wrong.map(({ name, value }) => `${name}: ${value}, ${written(inCode[name])}`)).toEqual(
			[]
		);
	});
});
