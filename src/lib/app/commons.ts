/** Everything between rooms: whom I follow, letters, the lobby, my listings, reminders, and my identity to carry along. */
import { readIdentityFile, writeIdentityFile } from '#lib/io/keys/identity-file.ts';
import { replaceIdentity } from '#lib/io/keys/identity.ts';
import { createKeys } from '#lib/io/keys/keys.ts';
import type { Clock, Store, SystemNotices } from '#lib/io/ports.ts';
import { reachSecretOf, type Card } from '#lib/p2p/wire/card.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';
import { createAlerts, type Alerts } from './alerts.ts';
import { belongingsOf, readBelongings } from './people/belongings.ts';
import { createLobbyDesk, type LobbyDesk, type LobbyNetwork } from './lobby/lobby-desk.ts';
import { openHostDesk, type HostDesk } from './lobby/host-desk.ts';
import { openReminders, type Reminders } from './lobby/reminders.ts';
import { createLetterDesk, type LetterDesk, type LetterNetwork } from './people/letter-desk.ts';
import { openLetterBox } from './people/letter-box.ts';
import { openKeepBox } from './people/keep-box.ts';
import { createKeepDesk, type KeepDesk } from './people/keep-desk.ts';
import { loadPeople, type People } from './people/people.ts';

export type CarryOutcome =
	| { readonly ok: true }
	| {
			readonly ok: false;
			readonly reason: 'not-an-identity' | 'wrong-passphrase' | 'store-failed';
	  };

export interface Commons {
	readonly people: People;
	readonly letters: LetterDesk;
	/** What is told of recordings that are kept. */
	readonly keeping: KeepDesk;
	readonly lobby: LobbyDesk;
	readonly hosting: HostDesk;
	readonly reminders: Reminders;
	readonly alerts: Alerts;
	readonly notices: SystemNotices;
	/** For others to follow me. */
	readonly card: Card;
	/** False in a second tab, whose identity ends with it. */
	readonly kept: boolean;
	/** Who I am as encrypted text: key, name, whom I follow. */
	carryOut(passphrase: string): Promise<string>;
	/** Takes the place of who I am here, from the next start of the app on. */
	carryIn(text: string, passphrase: string): Promise<CarryOutcome>;
}

export interface CommonsParts {
	readonly identity: {
		readonly keySeed: Uint8Array;
		readonly publicKey: Uint8Array;
		readonly peer: PeerId;
		readonly kept: boolean;
	};
	readonly store: Store;
	readonly clock: Clock;
	readonly notices: SystemNotices;
	/** What is shown as my name, and what I chose (empty where nothing). */
	readonly name: { readonly shown: () => string; readonly chosen: () => string };
	/** Keeps a chosen name. */
	readonly rename: (name: string) => Promise<void>;
	/** Whom I do not want to see. */
	readonly isHidden: (peer: PeerId) => boolean;
}

export async function openCommons(parts: CommonsParts): Promise<Commons> {
	const { identity, store, clock, name } = parts;
	const { keySeed, publicKey, peer } = identity;
	const keys = await createKeys(keySeed);
	const people = await loadPeople({ store, me: peer, nowMs: () => clock.nowMs() });
	const box = await openLetterBox(store, peer);
	const { isHidden } = parts;
	const keeping = createKeepDesk({
		...{ me: peer, myName: name.shown, keys, people, clock },
		box: await openKeepBox(store, peer)
	});
	const letters = createLetterDesk({
		...{ keys, people, isHidden, box, clock },
		me: identity,
		myName: name.shown,
		onNotice: (notice) => keeping.take(notice)
	});
	const record = `announced.${peer}`;
	const hosting = await openHostDesk({ publicKey, keys, myName: name.shown, store, record, clock });
	const reminders = await openReminders(store, clock);
	return {
		people,
		letters,
		keeping,
		lobby: createLobbyDesk(keys, clock),
		hosting,
		reminders,
		alerts: createAlerts({ letters, keeping, reminders }),
		notices: parts.notices,
		get card() {
			return { peer, name: name.shown(), secret: reachSecretOf(keySeed) };
		},
		kept: identity.kept,
		carryOut: (passphrase) =>
			writeIdentityFile(
				{ keySeed, belongings: belongingsOf(name.chosen(), people.list) },
				passphrase
			),
		carryIn: (text, passphrase) => carryIn(parts, people, { text, passphrase })
	};
}

/** The network stands: letters come and go, listings are told, reminders ring. */
export function connectCommons(commons: Commons, network: LetterNetwork & LobbyNetwork): void {
	commons.letters.connect(network);
	commons.keeping.connect(network);
	commons.lobby.connect(network);
	commons.hosting.connect(network);
}

async function carryIn(
	{ store, rename }: CommonsParts,
	people: People,
	{ text, passphrase }: { readonly text: string; readonly passphrase: string }
): Promise<CarryOutcome> {
	const reading = await readIdentityFile(text, passphrase);
	if (!reading.ok) return reading;
	const { keySeed, belongings } = reading.carried;
	const { name, people: others } = readBelongings(belongings);
	try {
		// The key last: what fails before leaves us who we are.
		await people.adopt(others);
		if (name !== '') await rename(name);
		await replaceIdentity(store, keySeed);
		return { ok: true };
	} catch {
		return { ok: false, reason: 'store-failed' };
	}
}
