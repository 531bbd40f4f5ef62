/** What there is between rooms, for pictures of the home page and of people. */
import type { LetterId, RoomId } from '#lib/p2p/wire/ids.ts';
import {
	FAKE_NOW_MS,
	fakeHeard,
	fakeLetter,
	fakeListed,
	fakePerson,
	type FakeCommons
} from './fake-commons.ts';
import { FAKE_KEY, fakePeer } from './fake-session.ts';

const HOUR_MS = 3_600_000;

export const HOME_SCENES = {
	home: () => undefined,
	lobby({ setLobby, setAnnounced, setPeople, alert }) {
		setPeople([fakePerson('Hanna', { name: 'Aunt Hanna' })]);
		setLobby({ rooms: rooms() });
		setAnnounced([
			{
				room: 'cc'.repeat(20) as RoomId,
				nonce: '00'.repeat(8),
				title: 'Reading circle: chapter nine',
				language: 'en',
				topics: [],
				startsAtMs: FAKE_NOW_MS + 50 * HOUR_MS
			}
		]);
		alert({
			type: 'letter',
			id: 'a',
			letter: fakeLetter('Hanna', { place: 'stage', note: 'We need somebody who knows figs.' })
		});
	},
	'lobby-no-seed'({ setLobby }) {
		setLobby({ state: 'no-seed', rooms: rooms().slice(0, 2) });
	}
} satisfies Record<string, (commons: FakeCommons) => void>;

export const PEOPLE_SCENES = {
	'people-new': () => undefined,
	people({ setPeople, setLetters, setHeard }) {
		setHeard([
			fakeHeard('Hanna'),
			fakeHeard('Eve', {
				id: '0d'.repeat(16) as LetterId,
				deletedAtMs: FAKE_NOW_MS + 700 * HOUR_MS
			})
		]);
		setPeople([
			fakePerson('Hanna', { name: 'Aunt Hanna' }),
			fakePerson('Ben'),
			fakePerson('Maximiliana', { name: 'Maximiliana from the long and winding street' }),
			fakePerson('Zoe', { secret: null })
		]);
		setLetters({
			received: [
				fakeLetter('Hanna', { place: 'stage', title: 'Figs', note: 'We need you.' }),
				fakeLetter('Ben', { id: '0b'.repeat(16) as LetterId, title: 'Tea at five' })
			],
			strangers: [fakeLetter('Eve', { id: '0e'.repeat(16) as LetterId })],
			sent: [
				{
					id: '0c'.repeat(16) as LetterId,
					to: fakePeer('Ben'),
					roomKey: FAKE_KEY,
					title: 'Evening garden talk',
					place: 'room',
					sentAtMs: FAKE_NOW_MS,
					untilMs: FAKE_NOW_MS + HOUR_MS,
					delivered: false,
					sealed: new Uint8Array(0)
				}
			]
		});
	}
} satisfies Record<string, (commons: FakeCommons) => void>;

export type HomeScene = keyof typeof HOME_SCENES;
export type PeopleScene = keyof typeof PEOPLE_SCENES;

function rooms() {
	return [
		fakeListed(1, {
			title: 'Evening garden talk',
			host: fakePeer('Hanna'),
			hostName: 'Hanna',
			people: 134,
			topics: ['gardens', 'figs', 'soil']
		}),
		fakeListed(2, {
			title:
				'Le vin, la vigne et le vent : ce que nos grands-parents savaient et que nous cherchons',
			host: fakePeer('Margaux'),
			hostName: 'Margaux de la Villardière-Montgolfier',
			language: 'fr',
			people: 1,
			topics: ['vignes']
		}),
		fakeListed(3, {
			title: 'Seeds: who runs them, and why',
			host: fakePeer('Ben'),
			hostName: 'Ben',
			state: 'announced',
			startsAtMs: FAKE_NOW_MS + 26 * HOUR_MS,
			people: 0,
			topics: ['seeds', 'community']
		})
	];
}
