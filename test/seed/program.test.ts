import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isHttpForOthers, readCommand, type SeedOptions } from '../../src/seed/options.ts';
import { launchSeed, newFolder, runSeed, startSeed } from './seed-process.ts';

const END_MS_MAX = 2_000;
const pem = (name: string): string =>
	fileURLToPath(new URL(`./fixtures/${name}.pem`, import.meta.url));

describe('a seed that runs', () => {
	it('serves the app, tells who it is and that it is well', async () => {
		const seed = await startSeed();
		const page = await fetch(new URL('/r/anything', seed.url));
		expect(page.status).toBe(200);
		expect(await page.text()).toContain('<!doctype html>');
		expect(await (await fetch(new URL('/healthz', seed.url))).text()).toBe('ok\n');
		const { peer, seeds, iceServers } = await seed.info();
		expect(seeds).toEqual([`/ip4/127.0.0.1/tcp/${seed.port}/ws/p2p/${peer}`]);
		expect(iceServers).toEqual([{ urls: `stun:127.0.0.1:${seed.port}` }]);
	});

	it('is the same seed after a restart, and another one elsewhere', async () => {
		const folder = join(newFolder(), 'made', 'on', 'demand');
		const first = await startSeed('--data', folder);
		const { peer } = await first.info();
		await first.end();
		const again = await startSeed('--data', folder);
		expect((await again.info()).peer).toBe(peer);
		const other = await startSeed();
		expect((await other.info()).peer).not.toBe(peer);
	});

	it('keeps its key from others on the computer', async () => {
		const folder = newFolder();
		const seed = await startSeed('--data', folder);
		await seed.end();
		expect(statSync(join(folder, 'identity')).mode & 0o777).toBe(0o600);
	});

	it.each(['SIGINT', 'SIGTERM'] as const)('ends by %s at once and as a success', async (signal) => {
		const seed = await startSeed();
		// Somebody has the page open: keep-alive must not hold the seed up.
		await fetch(seed.url);
		const startedMs = performance.now();
		const { code, err } = await seed.end(signal);
		expect(performance.now() - startedMs).toBeLessThan(END_MS_MAX);
		expect({ code, err }).toEqual({ code: 0, err: '' });
	});

	it('ends without complaint when nobody reads any more what it prints', async () => {
		const seed = await startSeed();
		seed.child.stdout?.destroy();
		expect(await seed.end()).toMatchObject({ code: 0, err: '' });
	});

	it('prints nothing when told to be quiet', async () => {
		const folder = newFolder();
		const probe = await startSeed('--data', folder);
		await probe.end();
		// Its port is free now; a quiet seed does not tell its own.
		const quiet = launchSeed(
			...['--quiet', '--host', '0.0.0.0', '--port', String(probe.port), '--data', folder]
		);
		await untilServed(probe.port);
		quiet.child.kill('SIGINT');
		await once(quiet.child, 'close');
		expect(quiet.out() + quiet.err()).toBe('');
	});

	it('serves https and WebSockets with a certificate', async () => {
		const seed = await startSeed('--cert', pem('one.cert'), '--key', pem('one.key'));
		expect(seed.url).toBe(`https://127.0.0.1:${seed.port}/`);
		const ca = readFileSync(pem('one.cert'));
		const [page] = (await once(get(seed.url, { ca }), 'response')) as [IncomingMessage];
		page.resume();
		expect(page.statusCode).toBe(200);
		const upgrade = request(seed.url, {
			ca,
			headers: {
				connection: 'Upgrade',
				upgrade: 'websocket',
				'sec-websocket-version': '13',
				'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA=='
			}
		}).end();
		const [answer, socket] = (await once(upgrade, 'upgrade')) as [
			IncomingMessage,
			{ destroy(): void }
		];
		expect(answer.statusCode).toBe(101);
		socket.destroy();
	});

	it('announces the address it is told to', async () => {
		const seed = await startSeed('--announce', 'https://rooms.example');
		const { peer, seeds } = await seed.info();
		expect(seeds).toContain(`/dns4/rooms.example/tcp/443/tls/ws/p2p/${peer}`);
	});

	it('starts anew with a damaged identity, and says so', async () => {
		const folder = newFolder();
		writeFileSync(join(folder, 'identity'), 'no key at all');
		const seed = await startSeed('--data', folder);
		expect(seed.err()).toContain('was damaged');
	});
});

describe('a seed that others reach by plain http alone', () => {
	const told =
		/Browsers start the app on https and on localhost only, .* --cert and --key, .* --announce https:/;

	it('says that no browser starts the app there, and what to do, in one line', async () => {
		const seed = await startSeed('--host', '0.0.0.0');
		const { out, err } = await seed.end();
		expect(out.split('\n').filter((line) => told.test(line))).toHaveLength(1);
		expect(err).toBe('');
	});

	it.each([
		['on this computer only', []],
		[
			'with a certificate',
			['--host', '0.0.0.0', '--cert', pem('one.cert'), '--key', pem('one.key')]
		],
		['behind a proxy with TLS', ['--host', '0.0.0.0', '--announce', 'https://rooms.example']]
	])('says nothing of it %s', async (_, words) => {
		const seed = await startSeed(...words);
		const { out } = await seed.end();
		expect(out).not.toMatch(/Browsers/);
	});

	it.each([
		'--host ::',
		'--host 192.0.2.1',
		'--host fe80::1%eth0',
		'--host 127.example',
		'--host 0.0.0.0 --announce http://rooms.example',
		'--host 0.0.0.0 --announce /dns4/rooms.example/tcp/80/ws'
	])('is one with %s', (words) => {
		expect(isHttpForOthers(optionsIn(words))).toBe(true);
	});

	it.each([
		'--host localhost',
		'--host 127.8.9.10',
		'--host ::1',
		'--host 0:0:0:0:0:0:0:1',
		'--host 0.0.0.0 --announce /dns4/rooms.example/tcp/443/wss',
		'--host :: --announce http://rooms.example --announce https://rooms.example'
	])('is none with %s', (words) => {
		expect(isHttpForOthers(optionsIn(words))).toBe(false);
	});
});

describe('a seed that cannot run says why in one line', () => {
	it('when its port is in use', async () => {
		const first = await startSeed();
		const second = await runSeed('--port', String(first.port), '--data', newFolder());
		expect(second.code).toBe(1);
		expect(second.err).toBe(
			`Port ${first.port} of 127.0.0.1 is in use. End the program that has it, or choose another by --port.\n`
		);
	});

	it('when only the UDP half of its port is in use', async () => {
		const taken = createSocket('udp4').bind(0, '127.0.0.1');
		await once(taken, 'listening');
		const { port } = taken.address();
		const { code, err } = await runSeed('--port', String(port), '--data', newFolder());
		taken.close();
		expect(code).toBe(1);
		expect(err).toContain(`Port ${port} of 127.0.0.1 is in use.`);
	});

	it.each([
		[
			'is not there',
			'none.cert',
			'one.key',
			/--cert .*none\.cert\.pem cannot be read: there is no such file\./
		],
		['is no certificate', 'one.key', 'one.key', /--cert .* holds no certificate in PEM\./],
		['has no key', 'one.cert', 'one.cert', /--key .* holds no private key in PEM/],
		["has another's key", 'one.cert', 'other.key', /--key .* does not belong to the certificate /]
	])('when its certificate %s', async (_, cert, key, line) => {
		const { code, err } = await runSeed(
			...['--port', '0', '--data', newFolder(), '--cert', pem(cert), '--key', pem(key)]
		);
		expect(code).toBe(1);
		expect(err).toMatch(line);
		expect(err.trimEnd()).not.toContain('\n');
	});

	it('when its data folder cannot be one', async () => {
		const file = join(newFolder(), 'file');
		writeFileSync(file, '');
		const { code, err } = await runSeed('--port', '0', '--data', join(file, 'data'));
		expect({ code, err }).toEqual({
			code: 1,
			err: `The data folder ${join(file, 'data')} cannot be used: a file is in the way. Choose another by --data.\n`
		});
	});

	it('when its identity is not a file', async () => {
		const folder = newFolder();
		mkdirSync(join(folder, 'identity'));
		const { code, err } = await runSeed('--port', '0', '--data', folder);
		expect(code).toBe(1);
		expect(err).toContain(`The data folder ${folder} cannot be used: it is a folder.`);
	});

	it('when its host is not here', async () => {
		const { code, err } = await runSeed(
			'--host',
			'192.0.2.1',
			'--port',
			'0',
			'--data',
			newFolder()
		);
		expect({ code, err }).toEqual({
			code: 1,
			err: '192.0.2.1 is no address of this computer. Choose another by --host.\n'
		});
	});

	it('when an option is unknown, and that is a mistake of use', async () => {
		expect(await runSeed('--colour', 'green')).toEqual({
			code: 2,
			out: '',
			err: "Unknown option '--colour'. See --help.\n"
		});
	});
});

describe('a seed that is only asked', () => {
	it('lists every option', async () => {
		const { code, out } = await runSeed('--help');
		expect(code).toBe(0);
		for (const option of ['host', 'port', 'data', 'join', 'cert', 'key', 'announce', 'quiet']) {
			expect(out).toContain(`--${option} `);
		}
	});

	it('prints its version', async () => {
		const { out } = await runSeed('--version');
		expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
	});
});

function optionsIn(words: string): SeedOptions {
	const command = readCommand(words.split(' '));
	if (command.type !== 'run') throw new Error(command.type);
	return command.options;
}

/** Resolves once a seed answers on `port`; asking again is how one waits for a stranger. */
async function untilServed(port: number): Promise<void> {
	for (;;) {
		const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
		if (answer?.ok === true) return;
	}
}
