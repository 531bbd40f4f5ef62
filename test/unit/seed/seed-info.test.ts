import { multiaddr } from '@multiformats/multiaddr';
import { describe, expect, it } from 'vitest';
import { isSeedAddr, parseSeedInfo, seedAddrOf, SEED_ADDRS_MAX } from '#lib/io/net/seed-info.ts';

const PEER = '12D3KooWP3WKsAmZJtjc9LKDaasaUx12wLvvdRWMG3Y3SR83qXaB';
const OTHER = '12D3KooWSstHVkTLhyZiyMts1SWRGExBoDRbPPogF88LWTJdgimD';
const GOOD = { peer: PEER, addrs: [], seeds: [], stun: 8080, version: '0.1.0' };

const parse = (value: unknown, origin = 'http://localhost:8080') =>
	parseSeedInfo(JSON.stringify(value), origin);

describe('the address of a seed', () => {
	it.each([
		['http://localhost:8080', '/dns4/localhost/tcp/8080/ws'],
		['http://127.0.0.1:8080/r/key', '/ip4/127.0.0.1/tcp/8080/ws'],
		['http://[::1]:9000', '/ip6/::1/tcp/9000/ws'],
		['https://rooms.example', '/dns4/rooms.example/tcp/443/tls/ws'],
		['http://rooms.example', '/dns4/rooms.example/tcp/80/ws']
	])('%s is %s', (origin, addr) => {
		const full = seedAddrOf(origin, PEER);
		expect(full).toBe(`${addr}/p2p/${PEER}`);
		expect(isSeedAddr(full ?? '')).toBe(true);
	});

	it.each(['', 'localhost', 'ftp://a.example', 'file:///x'])('is none for "%s"', (origin) => {
		expect(seedAddrOf(origin, PEER)).toBeNull();
	});
});

/** As it would be dialled. */
const listener = (where: string): string => `${where}/ws/p2p/${PEER}`;

describe('what may be dialled as a seed', () => {
	it.each([
		'/ip4/0.0.0.0/tcp/1',
		'/ip4/255.255.255.255/tcp/65535',
		'/ip6/::/tcp/80',
		'/ip6/2001:DB8::1/tcp/80/tls',
		'/ip6/::ffff:203.0.113.3/tcp/80',
		'/dns/rooms.example/tcp/80',
		'/dns4/exämple.org/tcp/80',
		'/dns6/localhost/tcp/80'
	])('is at %s', (where) => {
		expect(() => multiaddr(listener(where))).not.toThrow();
		expect(isSeedAddr(listener(where))).toBe(true);
	});

	it.each([
		'/ip4/203.0.113.300/tcp/80',
		'/ip4/203.0.113/tcp/80',
		'/ip4/203.0.113.3.4/tcp/80',
		'/ip4/203.0.113.03/tcp/80',
		'/ip4/0x7f.0.0.1/tcp/80',
		'/ip4/example.org/tcp/80',
		'/ip4/::1/tcp/80',
		'/ip6/2001::db8::1/tcp/80',
		'/ip6/1:2:3:4:5:6:7:8:9/tcp/80',
		'/ip6/203.0.113.3/tcp/80',
		'/ip6/::12345/tcp/80',
		'/ip6/rooms.example/tcp/80',
		'/dns4/rooms.example/tcp/65536',
		'/dns4/rooms.example/tcp/99999',
		'/dns4/rooms.example/tcp/080',
		'/dns4//tcp/80'
	])('is never at %s, which multiaddr does not take', (where) => {
		expect(() => multiaddr(listener(where))).toThrow();
		expect(isSeedAddr(listener(where))).toBe(false);
	});

	it('is not at port 0, and has a peer id', () => {
		expect(isSeedAddr(listener('/dns4/rooms.example/tcp/0'))).toBe(false);
		expect(isSeedAddr('/dns4/rooms.example/tcp/80/ws/p2p/somebody')).toBe(false);
		expect(isSeedAddr('/dns4/rooms.example/tcp/80/ws')).toBe(false);
	});
});

describe('what a seed tells of itself', () => {
	it('begins with the place it was asked at', () => {
		const other = `/dns4/b.example/tcp/443/tls/ws/p2p/${OTHER}`;
		expect(parse({ ...GOOD, seeds: [other] })).toEqual({
			peer: PEER,
			seeds: [`/dns4/localhost/tcp/8080/ws/p2p/${PEER}`, other],
			iceServers: [{ urls: 'stun:localhost:8080' }]
		});
	});

	it('keeps the brackets of IPv6 for STUN', () => {
		expect(parse(GOOD, 'http://[::1]:8080')?.iceServers).toEqual([{ urls: 'stun:[::1]:8080' }]);
	});

	it('has each address once, and none that is no WebSocket with a peer id', () => {
		const own = `/dns4/localhost/tcp/8080/ws/p2p/${PEER}`;
		const junk = [
			own,
			7,
			null,
			'/ip4/1.2.3.4/udp/4/quic',
			'/ip4/1.2.3.4/tcp/4/ws',
			`${own}/p2p-circuit`
		];
		expect(parse({ ...GOOD, addrs: [own], seeds: junk })?.seeds).toEqual([own]);
	});

	it('has no address that cannot be dialled', () => {
		const own = `/dns4/localhost/tcp/8080/ws/p2p/${PEER}`;
		const seeds = [`/ip4/203.0.113.300/tcp/1/ws/p2p/${OTHER}`];
		const addrs = [`/dns4/localhost/tcp/99999/ws/p2p/${PEER}`];
		expect(parse({ ...GOOD, addrs, seeds })?.seeds).toEqual([own]);
	});

	it('is bounded', () => {
		const seeds = Array.from({ length: 99 }, (_, n) => `/ip4/10.0.0.${n}/tcp/1/ws/p2p/${OTHER}`);
		expect(parse({ ...GOOD, seeds })?.seeds).toHaveLength(SEED_ADDRS_MAX);
	});

	it.each([0, -1, 65_536, 1.5, '8080', undefined])('has no STUN server at port %s', (stun) => {
		expect(parse({ ...GOOD, stun })?.iceServers).toEqual([]);
	});

	it.each(['', '[]', 'null', '{}', '<!doctype html>', '{"peer":"me"}', '{"peer":7}'])(
		'is not %s',
		(text) => {
			expect(parseSeedInfo(text, 'http://localhost')).toBeNull();
		}
	);
});
