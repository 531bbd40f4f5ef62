/** The lobby on a screen: rooms, what is looked for in them, and my reminders. Looks while it is open. */
import type { Commons } from '#lib/app/commons.ts';
import type { ListedRoom, LobbyView } from '#lib/app/lobby/lobby-desk.ts';
import type { RoomId } from '#lib/p2p/wire/ids.ts';

export type LobbyKind = 'all' | 'live' | 'announced';

export class LobbyState {
	readonly #commons: Pick<Commons, 'lobby' | 'reminders'>;
	readonly #stops: readonly (() => void)[];
	#view = $state.raw<LobbyView>({ state: 'asking', rooms: [] });
	#reminders = $state.raw(0);
	#failed = $state.raw(false);
	/** Words that all have to be in the title, the topics or the host's name. */
	search = $state('');
	kind = $state<LobbyKind>('all');
	/** BCP 47, or empty for all. */
	language = $state('');

	readonly shown: readonly ListedRoom[] = $derived(
		this.#view.rooms.filter((room) => this.#isWanted(room))
	);
	readonly live = $derived(this.shown.filter((room) => room.state === 'live'));
	readonly announced = $derived(this.shown.filter((room) => room.state === 'announced'));
	/** Languages that rooms say they have, sorted. */
	readonly languages = $derived(
		this.#view.rooms
			.map(({ language }) => language)
			.filter((tag, i, all) => tag !== '' && all.indexOf(tag) === i)
			.sort()
	);

	constructor(commons: Pick<Commons, 'lobby' | 'reminders'>) {
		this.#commons = commons;
		this.#view = commons.lobby.view;
		this.#stops = [
			commons.lobby.watch((view) => {
				this.#view = view;
			}),
			commons.reminders.onChange(() => {
				this.#reminders += 1;
			})
		];
	}

	get state(): LobbyView['state'] {
		return this.#view.state;
	}

	/** Rooms there are, whatever is looked for. */
	get count(): number {
		return this.#view.rooms.length;
	}

	/** A reminder could not be kept. */
	get failed(): boolean {
		return this.#failed;
	}

	willRemind(room: RoomId): boolean {
		return this.#reminders >= 0 && this.#commons.reminders.has(room);
	}

	async toggleReminder({ room, title, startsAtMs }: ListedRoom): Promise<void> {
		const { reminders } = this.#commons;
		try {
			if (reminders.has(room)) await reminders.remove(room);
			else this.#failed = !(await reminders.add({ room, title, startsAtMs }));
		} catch {
			this.#failed = true;
		}
	}

	look(): void {
		this.#commons.lobby.look();
	}

	close(): void {
		for (const stop of this.#stops) stop();
	}

	#isWanted(room: ListedRoom): boolean {
		if (this.kind !== 'all' && room.state !== this.kind) return false;
		if (this.language !== '' && room.language !== this.language) return false;
		const text = plain([room.title, room.hostName, ...room.topics].join(' '));
		return plain(this.search)
			.split(/\s+/)
			.every((word) => text.includes(word));
	}
}

/** Without capitals and accents: nobody types them into a search. */
function plain(text: string): string {
	return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
}
