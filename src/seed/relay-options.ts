/** The relay helper's command line. */
import { parseArgs } from 'node:util';
import { parseRoomKey } from '#lib/p2p/wire/room-key.ts';
import { passOf } from '#lib/p2p/lock/secrets.ts';
import type { Access } from '#lib/p2p/wire/room-access.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';
import { FANOUT_MAX, NAME_BYTES_MAX } from '#lib/p2p/wire/limits.ts';
import { cleanText } from '#lib/p2p/wire/text.ts';

export interface RelayOptions {
	readonly room: RoomId;
	/** The pass of a locked room, never its secret; null where the room is open. */
	readonly access: Access | null;
	/** Origins of seeds, each asked for its `/seed.json`. */
	readonly seeds: readonly string[];
	/** Listeners it carries at most, 1..FANOUT_MAX. */
	readonly fanout: number;
	readonly name: string;
}

export type RelayCommand =
	| { readonly type: 'run'; readonly options: RelayOptions }
	| { readonly type: 'help' }
	| { readonly type: 'wrong'; readonly line: string };

/** More than any browser carries, and well within what one core forwards. */
const FANOUT_DEFAULT = 30;
const SEED_DEFAULT = 'http://127.0.0.1:8080';

export const HELP = `Joins a room only to pass its sound on: a peer without a screen that lends its uplink.

Usage: npm run relay -- <room key or link> [options]

  --seed <url>        address of a seed's app (${SEED_DEFAULT}, or that of the link); may be given
                      more than once
  --fanout <number>   listeners to carry at most, 1 to ${FANOUT_MAX} (${FANOUT_DEFAULT}); fewer while its uplink is behind
  --name <text>       how it is listed in the room (Relay)
  --help              print this

A locked room is carried unread: give the pass that its share dialog shows. Of the whole link nothing but
the pass is kept.

Says every ten seconds what it carries. Ctrl-C hands its listeners over and ends it. It also ends
when the room does, and when it is removed from it.
`;

/** Reads the words after the program's name. */
export function readRelayCommand(words: readonly string[]): RelayCommand {
	let parsed: ReturnType<typeof parse>;
	try {
		parsed = parse(words);
	} catch (error) {
		const message = error instanceof Error ? error.message : String(error);
		return wrong(message.split(/\.\s|\n/)[0] ?? message);
	}
	const { values, positionals } = parsed;
	if (values.help) return { type: 'help' };
	const [key, ...more] = positionals;
	if (key === undefined || more.length > 0) return wrong('Give one room key or link');
	const reading = parseRoomKey(key);
	if (!reading.ok) return wrong(`This is no room key (${reading.reason}): ${key}`);
	const fanout = Number(values.fanout);
	if (!Number.isInteger(fanout) || fanout < 1 || fanout > FANOUT_MAX) {
		return wrong(
			`--fanout ${values.fanout} is out of range: give a number from 1 to ${FANOUT_MAX}`
		);
	}
	const seeds = values.seed ?? [originOf(key) ?? SEED_DEFAULT];
	const noSeed = seeds.find((seed) => originOf(seed) === null);
	if (noSeed !== undefined) return wrong(`--seed ${noSeed} is no http or https address`);
	const name = cleanText(values.name, NAME_BYTES_MAX);
	const access = passIn(reading);
	return { type: 'run', options: { room: reading.room, access, seeds, fanout, name } };
}

/** A relay needs no more than the pass: given the secret, it forgets it before it begins. */
function passIn({
	room,
	access
}: {
	readonly room: RoomId;
	readonly access?: Access;
}): Access | null {
	if (access === undefined || access.kind === 'pass') return access ?? null;
	return { kind: 'pass', bytes: passOf(room, access.bytes) };
}

function parse(words: readonly string[]) {
	return parseArgs({
		args: [...words],
		strict: true,
		allowPositionals: true,
		options: {
			seed: { type: 'string', multiple: true },
			fanout: { type: 'string', default: String(FANOUT_DEFAULT) },
			name: { type: 'string', default: 'Relay' },
			help: { type: 'boolean', short: 'h', default: false }
		}
	});
}

/** Scheme, host and port of a web address; null for anything else. */
function originOf(text: string): string | null {
	const url = URL.canParse(text) ? new URL(text) : null;
	return url !== null && /^https?:$/.test(url.protocol) ? url.origin : null;
}

function wrong(text: string): RelayCommand {
	return { type: 'wrong', line: `${text}. See --help.` };
}
