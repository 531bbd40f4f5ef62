import { describe, expect, it } from 'vitest';
import { fromHex } from '#lib/p2p/wire/ids.ts';
import { parseIp } from '../../../src/seed/stun-server.ts';
import {
	answerStun,
	BINDING_ERROR,
	BINDING_REQUEST,
	BINDING_SUCCESS,
	parseStun,
	readXorAddress,
	UNKNOWN_ATTRIBUTES,
	writeStun,
	XOR_MAPPED_ADDRESS,
	xorAddress,
	type StunMessage
} from '../../../src/seed/stun-message.ts';
import { Dice } from '../../sim/dice.ts';

const TRANSACTION = 'b7e7a701bc34d686fa87dfae';

/** RFC 5769, section 2.1: a request of an ICE agent, with PRIORITY, USERNAME and its integrity. */
const SAMPLE_REQUEST = fromHex(
	`000100582112a442${TRANSACTION}` +
		'802200105354554e207465737420636c69656e74' +
		'002400046e0001ff' +
		'80290008932ff9b151263b36' +
		'000600096576746a3a68367659202020' +
		'000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2' +
		'80280004e57a3bcf'
);
/** Section 2.2: 192.0.2.1, port 32853. */
const SAMPLE_IPV4 = fromHex(
	`0101003c2112a442${TRANSACTION}` +
		'8022000b7465737420766563746f7220' +
		'002000080001a147e112a643' +
		'000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7' +
		'80280004c07d4c96'
);
/** Section 2.3: 2001:db8:1234:5678:11:2233:4455:6677, port 32853. */
const SAMPLE_IPV6 = fromHex(
	`010100482112a442${TRANSACTION}` +
		'8022000b7465737420766563746f7220' +
		'002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9' +
		'00080014a382954e4be67bf11784c97c8292c275bfe3ed41' +
		'80280004c8fb0b4c'
);
const IPV4 = { ip: Uint8Array.of(192, 0, 2, 1), port: 32853 };
const IPV6 = { ip: fromHex('20010db8123456780011223344556677'), port: 32853 };

function read(bytes: Uint8Array): StunMessage {
	const message = parseStun(bytes);
	if (message === null) throw new Error('not read');
	return message;
}

function mappedAddress(message: StunMessage) {
	const found = message.attributes.find(({ type }) => type === XOR_MAPPED_ADDRESS);
	return found && readXorAddress(found.value, message.transaction);
}

function request(...types: number[]): Uint8Array {
	const attributes = types.map((type) => ({ type, value: Uint8Array.of(1, 2, 3) }));
	return writeStun(BINDING_REQUEST, fromHex(TRANSACTION), attributes);
}

describe('a STUN message', () => {
	it('is read as RFC 5769 gives it', () => {
		const message = read(SAMPLE_REQUEST);
		expect(message.type).toBe(BINDING_REQUEST);
		expect(message.transaction).toEqual(fromHex(TRANSACTION));
		expect(message.attributes.map(({ type }) => type)).toEqual([
			0x8022, 0x0024, 0x8029, 0x0006, 0x0008, 0x8028
		]);
	});

	it('gives the addresses of RFC 5769', () => {
		expect(mappedAddress(read(SAMPLE_IPV4))).toEqual(IPV4);
		expect(mappedAddress(read(SAMPLE_IPV6))).toEqual(IPV6);
	});

	it('hides addresses in the very bytes of RFC 5769', () => {
		const transaction = fromHex(TRANSACTION);
		expect(xorAddress(IPV4, transaction)).toEqual(fromHex('0001a147e112a643'));
		expect(xorAddress(IPV6, transaction)).toEqual(
			fromHex('0002a1470113a9faa5d3f179bc25f4b5bed2b9d9')
		);
	});

	it('is refused with one bit of it flipped', () => {
		for (let bit = 0; bit < 8 * SAMPLE_REQUEST.length; bit++) {
			const flipped = SAMPLE_REQUEST.slice();
			flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
			// A flip in the fingerprint's type makes it another attribute, which nobody has to understand.
			const changed = parseStun(flipped)?.attributes.some(({ type }) => type === 0x8028);
			expect(changed ?? false, `bit ${bit}`).toBe(false);
		}
	});

	it('is refused cut short at any length', () => {
		for (let length = 0; length < SAMPLE_REQUEST.length; length++) {
			expect(parseStun(SAMPLE_REQUEST.subarray(0, length))).toBeNull();
		}
	});

	it('is never seen in noise, and noise never throws', () => {
		const dice = new Dice(3489);
		for (let run = 0; run < 20_000; run++) {
			const noise = Uint8Array.from({ length: Math.floor(dice.between(0, 120)) }, () =>
				Math.floor(dice.between(0, 256))
			);
			expect(parseStun(noise)).toBeNull();
			// The same after a good header: attributes are read, or not, but never past the end.
			const length = noise.length - (noise.length % 4);
			const head = fromHex(`0001${length.toString(16).padStart(4, '0')}2112a442${TRANSACTION}`);
			parseStun(Uint8Array.of(...head, ...noise.subarray(0, length)));
		}
	});
});

describe('the answer to a STUN message', () => {
	it.each([IPV4, IPV6])('tells a bare request where it came from: $port', (from) => {
		const answer = read(answerStun(read(request()), from) ?? new Uint8Array());
		expect(answer.type).toBe(BINDING_SUCCESS);
		expect(answer.transaction).toEqual(fromHex(TRANSACTION));
		expect(mappedAddress(answer)).toEqual(from);
	});

	it('is at most twice as long as the question', () => {
		// A request without any attribute has its header alone.
		expect(answerStun(read(request().slice(0, 20).fill(0, 3, 4)), IPV4)).toHaveLength(40);
	});

	it('says which attributes it does not understand', () => {
		const answer = read(
			answerStun(read(request(0x0024, 0x7fff, 0x8022)), IPV4) ?? new Uint8Array()
		);
		expect(answer.type).toBe(BINDING_ERROR);
		const unknown = answer.attributes.find(({ type }) => type === UNKNOWN_ATTRIBUTES);
		expect(unknown?.value).toEqual(Uint8Array.of(0x00, 0x24, 0x7f, 0xff));
		expect(answer.attributes[0]?.value).toEqual(Uint8Array.of(0, 0, 4, 20));
	});

	it('is none to an answer or an indication, so that two servers never talk to each other', () => {
		expect(answerStun(read(SAMPLE_IPV4), IPV4)).toBeNull();
		expect(answerStun(read(writeStun(0x0011, fromHex(TRANSACTION), [])), IPV4)).toBeNull();
	});
});

describe('an IP address in text', () => {
	it.each([
		['192.0.2.1', 'c0000201'],
		['::ffff:192.0.2.1', 'c0000201'],
		['::1', '00000000000000000000000000000001'],
		['2001:db8:1234:5678:11:2233:4455:6677', '20010db8123456780011223344556677'],
		['fe80::1%eth0', 'fe800000000000000000000000000001']
	])('%s has the bytes %s', (text, hex) => {
		expect(parseIp(text)).toEqual(fromHex(hex));
	});

	it.each(['', '1:2:3', '1:2:3:4:5:6:7:8:9'])('"%s" is none', (text) => {
		expect(parseIp(text)).toBeNull();
	});
});
