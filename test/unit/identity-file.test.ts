import { describe, expect, it } from 'vitest';
import {
	IDENTITY_TEXT_MAX,
	PASSPHRASE_ROUNDS,
	readIdentityFile,
	writeIdentityFile
} from '#lib/io/keys/identity-file.ts';
import { loadIdentity, replaceIdentity } from '#lib/io/keys/identity.ts';
import { newKeySeed } from '#lib/io/keys/keys.ts';
import { createMemoryStore } from '../lib/memory-store.ts';

const carried = { keySeed: newKeySeed(), belongings: new TextEncoder().encode('{"name":"Hanna"}') };
const FEW_ROUNDS = 1_000;
const write = () => writeIdentityFile(carried, 'five grapes on a vine', FEW_ROUNDS);

describe('an identity in a file', () => {
	it('comes back by its passphrase, with what goes along, broken into lines or not', async () => {
		const text = await write();
		const lines = text.replace(/(.{40})/g, '$1\r\n');
		for (const given of [text, `\n ${lines}  `])
			expect(await readIdentityFile(given, 'five grapes on a vine')).toEqual({ ok: true, carried });
	});

	it('takes the rounds it says it takes', async () => {
		const text = await writeIdentityFile(carried, 'x'.repeat(12));
		expect(text.split('.')[1]).toBe(String(PASSPHRASE_ROUNDS));
		expect(PASSPHRASE_ROUNDS).toBe(600_000);
		expect(await readIdentityFile(text, 'x'.repeat(12))).toEqual({ ok: true, carried });
	}, 20_000);

	it('is the same passphrase however its letters are put together', async () => {
		const text = await writeIdentityFile(carried, 'café crème', FEW_ROUNDS);
		expect((await readIdentityFile(text, ' cafe\u0301 cre\u0300me ')).ok).toBe(true);
	});

	it('is never the same text twice', async () => {
		expect(await write()).not.toBe(await write());
	});

	it('does not open by another passphrase, nor when anything in it was changed', async () => {
		const text = await write();
		const wrong = { ok: false, reason: 'wrong-passphrase' };
		expect(await readIdentityFile(text, 'five grapes on a wine')).toEqual(wrong);
		const flip = (at: number): string =>
			text.slice(0, at) + (text.charAt(at) === 'A' ? 'B' : 'A') + text.slice(at + 1);
		for (const at of [30, 50, 80])
			expect(await readIdentityFile(flip(at), 'five grapes on a vine')).toEqual(wrong);
		const eased = text.replace('.1000.', '.1001.');
		expect(await readIdentityFile(eased, 'five grapes on a vine')).toEqual(wrong);
	});

	it('says of anything else that it is none, and is not kept busy by it', async () => {
		const none = { ok: false, reason: 'not-an-identity' };
		const text = await write();
		for (const other of [
			'',
			'GHrGwbBbejLJduLh1aoKWzJAuj78Z2YHJS',
			text.replace('.1000.', '.99999999.'),
			text.replace('.1000.', '.0.'),
			'x'.repeat(IDENTITY_TEXT_MAX + 1)
		])
			expect(await readIdentityFile(other, 'x')).toEqual(none);
	});

	it('is who we are from the next start on', async () => {
		const store = createMemoryStore();
		const before = await loadIdentity(store);
		await replaceIdentity(store, carried.keySeed);
		const after = await loadIdentity(store);
		expect(after.keySeed).toEqual(carried.keySeed);
		expect(after.origin).toBe('kept');
		expect(after.peer).not.toBe(before.peer);
	});
});
