import { describe, expect, it } from 'vitest';
import { readCommand, type SeedOptions } from '../../../src/seed/options.ts';

const PEER = '12D3KooWP3WKsAmZJtjc9LKDaasaUx12wLvvdRWMG3Y3SR83qXaB';

function optionsOf(...words: string[]): SeedOptions {
	const command = readCommand(words);
	if (command.type !== 'run') throw new Error(JSON.stringify(command));
	return command.options;
}

function complaintAbout(...words: string[]): string {
	const command = readCommand(words);
	return command.type === 'wrong' ? command.line : command.type;
}

describe('the command line of the seed', () => {
	it('asks for nothing: this computer, port 8080, an identity of its own', () => {
		const options = optionsOf();
		expect(options).toMatchObject({ host: '127.0.0.1', port: 8080, join: [], tls: null });
		expect(options.dataFolder).toMatch(/data.seed-8080$/);
	});

	it('takes seeds to join as URLs and as multiaddrs', () => {
		const addr = `/dns4/seed.example/tcp/443/tls/ws/p2p/${PEER}`;
		const options = optionsOf('--join', 'https://seed.example/', '--join', addr);
		expect(options.join).toEqual(['https://seed.example', addr]);
	});

	it('announces a URL as the multiaddr it stands for', () => {
		expect(optionsOf('--announce', 'https://rooms.example').announce).toEqual([
			'/dns4/rooms.example/tcp/443/tls/ws'
		]);
		expect(optionsOf('--announce', `/ip4/192.0.2.1/tcp/80/ws/p2p/${PEER}`).announce).toEqual([
			'/ip4/192.0.2.1/tcp/80/ws'
		]);
	});

	it.each([
		[['--colour'], "Unknown option '--colour'. See --help."],
		[['extra'], "Unexpected argument 'extra'. See --help."],
		[['--port', '70000'], '--port 70000 is no port: give a number from 0 to 65535. See --help.'],
		[['--port', '80x'], '--port 80x is no port: give a number from 0 to 65535. See --help.'],
		[['--cert', 'a.pem'], '--cert and --key go together: --key is missing. See --help.'],
		[['--join', 'seed'], "--join seed is neither a URL nor a seed's multiaddr. See --help."],
		[
			['--announce', '/ip4/999.0.0.1/tcp/80/ws'],
			'--announce /ip4/999.0.0.1/tcp/80/ws is neither a URL nor a multiaddr. See --help.'
		],
		[['--announce', 'me'], '--announce me is neither a URL nor a multiaddr. See --help.']
	])('says in one line what is wrong with %j', (words, line) => {
		expect(complaintAbout(...words)).toBe(line);
	});

	it('names the option whose value is missing', () => {
		expect(complaintAbout('--port')).toMatch(/^Option '--port <value>' argument missing/);
	});
});
