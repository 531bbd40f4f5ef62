/**
 * Network namespaces of Linux for tests that need more than one network: each with an address of its own on one
 * bridge, whose end in the machine's own network is where a seed can listen. Needs to be root, and iproute2.
 */
import { spawnSync } from 'node:child_process';

const NETWORK = '10.77.0';
const SEED_ADDRESS = `${NETWORK}.1`;
const FIRST_ADDRESS = 10;
/** Addresses that nobody has at first, for those who move. */
const FIRST_SPARE_ADDRESS = 150;

export interface Namespaces {
	/** Reached from all of them. */
	readonly seedAddress: string;
	/** The words that run a program in namespace `i`. */
	command(i: number, ...words: readonly string[]): readonly string[];
	/** The address of namespace `i` is gone, and after `gapMs` another one is there. */
	move(i: number, gapMs: number): Promise<void>;
	close(): void;
}

/** Null where this system does not allow it, with the reason given to `why`. */
export function openNamespaces(count: number, why: (reason: string) => void): Namespaces | null {
	const names = Array.from({ length: count }, (_, i) => `gv${process.pid}-${i}`);
	const bridge = `gvb${process.pid}`;
	const close = (): void => {
		// A namespace lives on with whoever still runs in it, and so would its line.
		for (const i of names.keys()) ip('link', 'del', outerOf(i));
		for (const name of names) ip('netns', 'del', name);
		ip('link', 'del', bridge);
	};
	const problem =
		ip('link', 'add', bridge, 'type', 'bridge') ??
		withoutSixth(bridge) ??
		ip('addr', 'add', `${SEED_ADDRESS}/24`, 'dev', bridge) ??
		ip('link', 'set', bridge, 'up') ??
		firstProblem(names, (name, i) => addNamespace(bridge, name, i));
	if (problem !== null) {
		why(problem);
		close();
		return null;
	}
	const addresses = names.map((_, i) => FIRST_ADDRESS + i);
	let spare = FIRST_SPARE_ADDRESS;
	return {
		seedAddress: SEED_ADDRESS,
		command: (i, ...words) => ['ip', 'netns', 'exec', names[i] ?? '', ...words],
		async move(i, gapMs) {
			const name = names[i] ?? '';
			must(ip('-n', name, 'addr', 'del', cidr(addresses[i] ?? 0), 'dev', 'net0'));
			await new Promise((resolve) => setTimeout(resolve, gapMs));
			addresses[i] = spare++;
			must(giveAddress(name, addresses[i] ?? 0));
		},
		close
	};
}

const cidr = (address: number): string => `${NETWORK}.${address}/24`;

/** Our end of its line. */
const outerOf = (i: number): string => `gv${process.pid % 100_000}o${i}`;

function addNamespace(bridge: string, name: string, i: number): string | null {
	const outer = outerOf(i);
	return (
		ip('netns', 'add', name) ??
		ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', 'net0', 'netns', name) ??
		withoutSixth(outer) ??
		ip('link', 'set', outer, 'master', bridge, 'up') ??
		// A link-local address would outlive the one that is taken away.
		run('ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1') ??
		ip('-n', name, 'link', 'set', 'lo', 'up') ??
		ip('-n', name, 'link', 'set', 'net0', 'up') ??
		giveAddress(name, FIRST_ADDRESS + i)
	);
}

/** Its address of IPv6 would come by itself a second or two later: a change of network, at which browsers drop all they load. */
const withoutSixth = (device: string): string | null =>
	ip('link', 'set', device, 'addrgenmode', 'none');

/** With a default route: without one a browser takes itself to be offline. */
function giveAddress(name: string, address: number): string | null {
	return (
		ip('-n', name, 'addr', 'add', cidr(address), 'dev', 'net0') ??
		ip('-n', name, 'route', 'replace', 'default', 'via', SEED_ADDRESS)
	);
}

function firstProblem(
	names: readonly string[],
	act: (name: string, i: number) => string | null
): string | null {
	for (const [i, name] of names.entries()) {
		const problem = act(name, i);
		if (problem !== null) return problem;
	}
	return null;
}

const ip = (...words: readonly string[]): string | null => run('ip', ...words);

/** What went wrong, or null. */
function run(program: string, ...words: readonly string[]): string | null {
	const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
	if (status === 0) return null;
	return `${program} ${words.join(' ')}: ${error?.message ?? stderr.trim()}`;
}

function must(problem: string | null): void {
	if (problem !== null) throw new Error(problem);
}
