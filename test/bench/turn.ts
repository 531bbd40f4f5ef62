/**
 * A listener who hides its address behind a TURN server: that it hears the room, that it talks by the server alone, and that
 * nobody was told another address.
 */
import { bursts, openBrowsers, type Browsers } from '../e2e/browsers.ts';
import {
	enterApp,
	eventually,
	joinRoom,
	listen,
	startRoom,
	unmute,
	type Person
} from '../e2e/drive.ts';
import { HEARD_DBFS, tonesAt } from '../e2e/ear.ts';
import type { Bench } from './bench.ts';
import { candidatesOf, installCandidates, type CandidateTypes } from './candidates.ts';
import { info, type Table } from './report.ts';
import { startTurnServer, type TurnServer } from './turn-server.ts';

const TONE_HZ = 523;

interface Came extends CandidateTypes {
	readonly dbfs: number;
	/** What the host was told of it. */
	readonly toldToHost: readonly string[];
}

export async function turn({ seedUrl }: Bench): Promise<Table> {
	const server = await startTurnServer();
	if (server === null) return NOT_HERE;
	const browsers = openBrowsers();
	try {
		const hiding = await visit(browsers, seedUrl, server);
		const open = await visit(browsers, seedUrl, null);
		return tableOf(hiding, open);
	} finally {
		await browsers.close();
		await server.end();
	}
}

const TITLE = 'An address behind a TURN server';
const NOT_HERE: Table = {
	title: TITLE,
	notes: ['Not measured: there is no `turnserver` on the PATH (the package coturn brings it).'],
	rows: []
};

/** A room of their own for the host and one listener, so that all the host is told is about that one. */
async function visit(browsers: Browsers, url: string, behind: TurnServer | null): Promise<Came> {
	const enter = async (
		name: string,
		context: Awaited<ReturnType<Browsers['silent']>>
	): Promise<Person> => {
		const page = await browsers.page(context);
		await page.addInitScript(installCandidates);
		return enterApp(page, url, name);
	};
	const host = await enter('Hanna', await browsers.withMicrophone(bursts(TONE_HZ)));
	const key = await startRoom(host, 'Behind a relay');
	await unmute(host);
	const guest = await enter('Mira', await browsers.silent());
	if (behind !== null) await hide(guest, behind);
	await joinRoom(guest, key);
	await listen(guest);
	const [dbfs = -Infinity] = await eventually(
		`the listener hears ${TONE_HZ} Hz`,
		() => tonesAt(guest.page, [TONE_HZ]),
		([level = -Infinity]) => level > HEARD_DBFS
	);
	const types = await candidatesOf(guest.page);
	const { told } = await candidatesOf(host.page);
	await Promise.all([host, guest].map(({ page }) => page.context().close()));
	return { ...types, dbfs, toldToHost: told };
}

/** In the settings, as anybody would. */
async function hide({ page }: Person, server: TurnServer): Promise<void> {
	await page.getByRole('button', { name: 'Settings' }).click();
	const dialog = page.getByRole('dialog', { name: 'Settings' });
	await dialog.getByText('Network', { exact: true }).click();
	await dialog.getByRole('textbox', { name: 'Add a server' }).fill(server.url);
	await dialog.getByRole('textbox', { name: 'User name' }).fill(server.username);
	await dialog.getByLabel('Password').fill(server.credential);
	await dialog.getByLabel('Password').press('Enter');
	await dialog.getByText(server.url).waitFor();
	await dialog.getByRole('switch', { name: 'Hide my address from other people' }).check();
	await dialog.getByRole('button', { name: 'Start again now' }).click();
	await dialog.waitFor({ state: 'detached' });
	await page.getByRole('button', { name: 'Start a room' }).waitFor();
}

function tableOf(hiding: Came, open: Came): Table {
	const byRelay = hiding.used.length > 0 && hiding.used.every(isRelay);
	const given = [...hiding.own, ...hiding.toldToHost];
	return {
		title: TITLE,
		notes: [
			'A listener with a TURN server in the settings who hides its address; baseline: the same without.',
			'Candidates: all that its page came up with, and all that reached the only other page in the room.'
		],
		rows: [
			info(`loudness of the tone of ${TONE_HZ} Hz it hears`, loud(hiding), loud(open)),
			{
				what: 'talks from',
				ours: counted(hiding.used),
				baseline: counted(open.used),
				target: 'relay alone',
				met: byRelay
			},
			{
				what: 'its own candidates',
				ours: counted(hiding.own),
				baseline: counted(open.own),
				target: 'relay alone',
				met: hiding.toldToHost.length > 0 && given.every(isRelay)
			},
			info('told to the other', counted(hiding.toldToHost), counted(open.toldToHost))
		]
	};
}

const isRelay = (type: string): boolean => type === 'relay';
const loud = ({ dbfs }: Came): string => `${dbfs.toFixed(1)} dBFS`;

function counted(types: readonly string[]): string {
	const each = [...new Set(types)].sort();
	const words = each.map((type) => `${types.filter((one) => one === type).length} ${type}`);
	return words.join(', ') || 'none';
}
