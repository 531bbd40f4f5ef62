/** Whom I follow, reactive: a list, and the last one I let go, to be taken back. */
import type { Commons } from '#lib/app/commons.ts';
import type { FollowOutcome, Person } from '#lib/app/people/people.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

export class PeopleState {
	readonly #people: Commons['people'];
	readonly #stop: () => void;
	#list = $state.raw<readonly Person[]>([]);
	#letGo = $state.raw<Person | null>(null);
	#failed = $state.raw(false);

	constructor({ people }: Pick<Commons, 'people'>) {
		this.#people = people;
		this.#list = people.list;
		this.#stop = people.onChange((list) => {
			this.#list = list;
		});
	}

	get list(): readonly Person[] {
		return this.#list;
	}

	/** Unfollowed a moment ago; null after it was taken back or another one followed. */
	get letGo(): Person | null {
		return this.#letGo;
	}

	/** The last change could not be kept by the browser. */
	get failed(): boolean {
		return this.#failed;
	}

	isFollowed(peer: PeerId): boolean {
		return this.#list.some((one) => one.peer === peer);
	}

	/** Null where the browser did not keep it. */
	async follow(who: Pick<Person, 'peer' | 'name' | 'secret'>): Promise<FollowOutcome | null> {
		let outcome: FollowOutcome | null = null;
		await this.#try(async () => {
			outcome = await this.#people.follow(who);
		});
		return outcome;
	}

	rename(peer: PeerId, name: string): Promise<void> {
		return this.#try(() => this.#people.rename(peer, name));
	}

	unfollow(person: Person): Promise<void> {
		return this.#try(async () => {
			await this.#people.unfollow(person.peer);
			this.#letGo = person;
		});
	}

	undo(): Promise<void> {
		const person = this.#letGo;
		if (person === null) return Promise.resolve();
		return this.#try(async () => {
			await this.#people.restore(person);
			this.#letGo = null;
		});
	}

	close(): void {
		this.#stop();
	}

	async #try(act: () => Promise<void>): Promise<void> {
		try {
			await act();
			this.#failed = false;
		} catch {
			this.#failed = true;
		}
	}
}
