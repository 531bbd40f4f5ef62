/** Seeds, servers and hiding one's address, as a person changes them. All of it holds from the next start of the app on. */
import {
	canHide,
	ICE_MAX,
	isIceServer,
	isTurn,
	type IceChoice,
	type NetworkChoice
} from '../network/network-choice.ts';
import type { NetworkDesk } from '../network/network-desk.ts';

export type NetworkFormProblem =
	/** Nobody there is a seed. */
	| 'no-seed'
	/** No address of a STUN or TURN server, or a TURN server without name and password. */
	| 'no-ice'
	| 'too-many'
	/** The browser refused to keep it. */
	| 'failed';

export class NetworkForm {
	readonly #desk: NetworkDesk;
	// Set before anybody can read it.
	#choice = $state.raw() as NetworkChoice;
	#told = $state.raw<readonly string[]>([]);
	#problem = $state.raw<NetworkFormProblem | null>(null);
	#changed = $state.raw(false);
	#busy = $state.raw(false);
	seed = $state('');
	ice = $state('');
	username = $state('');
	credential = $state('');

	/** Those that are used: mine, or those the app's own seed tells of. */
	readonly seeds: readonly string[] = $derived(this.#choice.seeds ?? this.#told);
	readonly servers: readonly IceChoice[] = $derived(this.#choice.ice);
	readonly isMine: boolean = $derived(this.#choice.seeds !== null);
	readonly canHide: boolean = $derived(canHide(this.#choice));
	readonly hides: boolean = $derived(this.#choice.relayOnly && canHide(this.#choice));

	constructor(desk: NetworkDesk) {
		this.#desk = desk;
		this.#choice = desk.choice;
		desk.seeds().then(
			(seeds) => (this.#told = seeds),
			// Without a network there is nothing to list.
			() => undefined
		);
	}

	get problem(): NetworkFormProblem | null {
		return this.#problem;
	}

	/** Something was changed that holds from the next start on. */
	get changed(): boolean {
		return this.#changed;
	}

	get busy(): boolean {
		return this.#busy;
	}

	/** Asks there who it is. */
	async addSeed(): Promise<void> {
		this.#busy = true;
		const found = await this.#desk.findSeed(this.seed).catch(() => null);
		this.#busy = false;
		if (found === null) {
			this.#problem = 'no-seed';
			return;
		}
		if (await this.#keep({ seeds: [...this.seeds.filter((one) => one !== found), found] }))
			this.seed = '';
	}

	async removeSeed(seed: string): Promise<void> {
		await this.#keep({ seeds: this.seeds.filter((one) => one !== seed) });
	}

	/** Back to those that the place this app came from tells of. */
	async resetSeeds(): Promise<void> {
		await this.#keep({ seeds: null });
	}

	async addIce(): Promise<void> {
		const server = { url: this.ice.trim(), username: '', credential: '' };
		const whole = isTurn(server)
			? { ...server, username: this.username.trim(), credential: this.credential.trim() }
			: server;
		if (!isIceServer(whole)) {
			this.#problem = 'no-ice';
			return;
		}
		if (this.servers.length >= ICE_MAX) {
			this.#problem = 'too-many';
			return;
		}
		const others = this.servers.filter(({ url }) => url !== whole.url);
		if (await this.#keep({ ice: [...others, whole] }))
			[this.ice, this.username, this.credential] = ['', '', ''];
	}

	async removeIce(url: string): Promise<void> {
		await this.#keep({ ice: this.servers.filter((one) => one.url !== url) });
	}

	async hide(relayOnly: boolean): Promise<void> {
		await this.#keep({ relayOnly });
	}

	async #keep(changes: Partial<NetworkChoice>): Promise<boolean> {
		try {
			await this.#desk.change(changes);
			this.#choice = this.#desk.choice;
			this.#changed = true;
			this.#problem = null;
			return true;
		} catch {
			this.#problem = 'failed';
			return false;
		}
	}
}
