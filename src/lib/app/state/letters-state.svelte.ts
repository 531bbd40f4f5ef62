/** Invitations that came and those I sent, reactive. */
import type { Commons } from '#lib/app/commons.ts';
import type { Invitation } from '#lib/app/people/letter-desk.ts';
import type { Received, Sent } from '#lib/app/people/letter-box.ts';
import { keyIn } from '#lib/app/room-link.ts';
import type { LetterId, PeerId } from '#lib/p2p/wire/ids.ts';

export class LettersState {
	readonly #letters: Commons['letters'];
	readonly #stop: () => void;
	#received = $state.raw<readonly Received[]>([]);
	#strangers = $state.raw<readonly Received[]>([]);
	#sent = $state.raw<readonly Sent[]>([]);
	#failed = $state.raw(false);

	constructor({ letters }: Pick<Commons, 'letters'>) {
		this.#letters = letters;
		this.#look();
		this.#stop = letters.onChange(() => {
			this.#look();
		});
	}

	/** Of those I follow, the newest first. */
	get received(): readonly Received[] {
		return this.#received;
	}

	/** Of all others. */
	get strangers(): readonly Received[] {
		return this.#strangers;
	}

	get sent(): readonly Sent[] {
		return this.#sent;
	}

	/** The last one could not be written or kept. */
	get failed(): boolean {
		return this.#failed;
	}

	/** The last letter to somebody about this room, whatever has become of it. */
	sentTo(peer: PeerId, access: string): Sent | undefined {
		const roomKey = keyIn(access);
		return this.#sent.find((one) => one.to === peer && one.roomKey === roomKey);
	}

	async invite(to: PeerId, invitation: Invitation): Promise<void> {
		try {
			this.#failed = !(await this.#letters.invite(to, invitation));
		} catch {
			this.#failed = true;
		}
	}

	forget(id: LetterId): void {
		this.#letters.forget(id).catch(() => {
			this.#failed = true;
		});
	}

	close(): void {
		this.#stop();
	}

	#look(): void {
		this.#received = this.#letters.received;
		this.#strangers = this.#letters.strangers;
		this.#sent = this.#letters.sent;
	}
}
