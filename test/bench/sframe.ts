/** What encrypting a frame of sound costs, beside the other ways in reach: GCM in script, and the browser's own. */
import { gcm } from '@noble/ciphers/aes.js';
import {
	AES_128_CTR_HMAC_SHA256_32,
	decryptFrame,
	encryptFrame,
	frameKeyOf
} from '#lib/p2p/lock/sframe.ts';
import { median } from '../lib/sound.ts';
import type { Bench } from './bench.ts';
import { info, type Table } from './report.ts';

/** 20 ms at 32 kbit/s, and the head of a frame, which is vouched for. */
const OPUS_BYTES = 75;
const METADATA = new Uint8Array(15);
const TICKS_PER_S = 50;
/** All others of a full stage talk at once. */
const HEARD = 10;
const ROUNDS = 9;
const FRAMES_PER_ROUND = 2_000;
const TARGET_US = 100;

export async function sframe({ effort }: Bench): Promise<Table> {
	const rounds = Math.max(3, Math.round(ROUNDS * Math.min(1, effort.countS / 20)));
	const key = frameKeyOf(AES_128_CTR_HMAC_SHA256_32, 0x01020304n, new Uint8Array(32).fill(7));
	const plain = crypto.getRandomValues(new Uint8Array(OPUS_BYTES));
	const sealed = encryptFrame(key, 70_000n, METADATA, plain);
	const encryptUs = eachUs(rounds, (i) => encryptFrame(key, BigInt(70_000 + i), METADATA, plain));
	const decryptUs = eachUs(rounds, () => decryptFrame(key, sealed, METADATA));
	const gcmUs = eachUs(rounds, () => gcm(key.cipherKey, key.salt, METADATA).encrypt(plain));
	const platformUs = await platform(rounds, key.cipherKey, plain);
	return {
		title: 'Encrypted sound',
		notes: [
			`Frames of ${OPUS_BYTES} bytes, one after the other, median of ${rounds} rounds of ${FRAMES_PER_ROUND}.`,
			'Ours: SFrame, AES_128_CTR_HMAC_SHA256_32, in script, which the core can wait for.',
			'Baseline: AES-GCM in script; beside it WebCrypto, which answers by a promise.'
		],
		rows: [
			row('encrypt a frame', encryptUs, gcmUs),
			row('decrypt a frame', decryptUs, gcmUs),
			info('the same by WebCrypto (AES-GCM), one at a time', us(platformUs)),
			info(
				`share of a core to decrypt ${HEARD} who all talk`,
				`${((decryptUs * HEARD * TICKS_PER_S) / 1e4).toFixed(2)} %`
			),
			info('bytes it adds to a frame', String(sealed.length - plain.length))
		]
	};
}

function row(what: string, ours: number, baseline: number): Table['rows'][number] {
	return {
		what,
		ours: us(ours),
		baseline: us(baseline),
		target: `<= ${us(TARGET_US)}`,
		met: ours <= TARGET_US
	};
}

const us = (value: number): string => `${value.toFixed(1)} us`;

/** Microseconds each; the first round is the compiler's. */
function eachUs(rounds: number, act: (i: number) => unknown): number {
	const times = Array.from({ length: rounds + 1 }, () => {
		const beganMs = performance.now();
		for (let i = 0; i < FRAMES_PER_ROUND; i++) act(i);
		return (1000 * (performance.now() - beganMs)) / FRAMES_PER_ROUND;
	});
	return median(times.slice(1));
}

async function platform(rounds: number, raw: Uint8Array, plain: Uint8Array): Promise<number> {
	const key = await crypto.subtle.importKey('raw', raw.slice(), 'AES-GCM', false, ['encrypt']);
	const times: number[] = [];
	for (let round = 0; round <= rounds; round++) {
		const beganMs = performance.now();
		for (let i = 0; i < FRAMES_PER_ROUND; i++) {
			const iv = new Uint8Array(12);
			new DataView(iv.buffer).setUint32(0, round * FRAMES_PER_ROUND + i);
			await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, plain.slice());
		}
		times.push((1000 * (performance.now() - beganMs)) / FRAMES_PER_ROUND);
	}
	return median(times.slice(1));
}
