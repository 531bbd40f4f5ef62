/** Where everything stands in the picture of the network: the stage on top, our way down, those we carry below. */
import type { NetworkWeb, Person } from '#lib/app/state/network-facts.ts';
import type { PeerId } from '#lib/p2p/wire/ids.ts';

export type Standing = 'stage' | 'relay' | 'backup' | 'me' | 'child' | 'backup-child';

/** A face with its name below; `x` is its middle, `y` its top, both in units of the picture. */
export interface Spot {
	readonly person: Person;
	readonly standing: Standing;
	readonly x: number;
	readonly y: number;
	readonly size: number;
	/** False in a crowd, where names would not fit. */
	readonly named: boolean;
}

/** 'sound' flows, 'ready' would flow, 'mesh' is between speakers. */
export interface Line {
	readonly kind: 'sound' | 'ready' | 'mesh';
	readonly d: string;
}

/** People who are there and not drawn: in between on our way, or further ones in a crowd below. */
export interface Gap {
	readonly kind: 'between' | 'more';
	readonly count: number;
	readonly x: number;
	readonly y: number;
}

export interface Picture {
	readonly height: number;
	/** Down to where the stage reaches. */
	readonly stageHeight: number;
	readonly spots: readonly Spot[];
	readonly lines: readonly Line[];
	readonly gaps: readonly Gap[];
	/** The box around many children; null where each has a line of its own. */
	readonly crowd: { readonly y: number; readonly height: number } | null;
}

export interface PictureOptions {
	readonly me: Person;
	readonly web: NetworkWeb;
	/** Who has a round trip written below the name. */
	readonly timed: ReadonlySet<PeerId>;
}

export const PICTURE_WIDTH = 340;
/** A name of so many letters fits below a face. */
export const NAME_LETTERS_MAX = 9;

const MIDDLE = PICTURE_WIDTH / 2;
const STAGE_TOP = 26;
const STAGE_PER_ROW = 6;
const FACE = 36;
const FACE_ME = 48;
const FACE_IN_CROWD = 24;
/** The name below a face, and the round trip below that. */
const LABEL = 20;
const LABEL_TIMED = 31;
/** Room for the lines between two rows. */
const REACH = 28;
/** Room for a line of text within a line. */
const GAP_HEIGHT = 14;
/** One backup on each side of our way; there are seldom more. */
const BACKUP_OFFSETS = [-104, 104];
/** More children than this become a crowd, of which so many are drawn. */
const CHILDREN_APART_MAX = 5;
const CHILDREN_APART = 66;
const CROWD_PER_ROW = 10;
const CROWD_MAX = 2 * CROWD_PER_ROW;
/** Of the people between a speaker and us, as many as tell the story: the first, and the last two. */
const BETWEEN_FIRST = 1;
const BETWEEN_LAST = 2;

interface Drawing {
	readonly timed: ReadonlySet<PeerId>;
	readonly spots: Spot[];
	readonly lines: Line[];
	readonly gaps: Gap[];
	crowd: Picture['crowd'];
	/** The top of what comes next. */
	y: number;
}

export function pictureOf({ me, web, timed }: PictureOptions): Picture {
	const drawing: Drawing = { timed, spots: [], lines: [], gaps: [], crowd: null, y: STAGE_TOP };
	drawStage(drawing, web);
	const others = [...drawing.spots];
	const stageHeight = web.onStage ? null : drawing.y;
	const above = web.onStage ? null : drawWay(drawing, web);
	if (web.onStage && others.length > 0) drawing.y += REACH;
	const mine = place(drawing, { person: me, standing: 'me', x: MIDDLE }, FACE_ME);
	drawing.y += FACE_ME + LABEL;
	if (above !== null) connect(drawing, 'sound', above, mine);
	for (const other of web.onStage ? others : []) {
		if (web.mesh.includes(other.person.peer)) connect(drawing, 'mesh', other, mine);
	}
	connectBackups(drawing, web, mine);
	const { y } = drawing;
	drawChildren(drawing, web, mine);
	const { spots, lines, gaps, crowd } = drawing;
	return { height: drawing.y, stageHeight: stageHeight ?? y, spots, lines, gaps, crowd };
}

function drawStage(drawing: Drawing, web: NetworkWeb): void {
	const people = inOrder(web);
	const rows = Math.ceil(people.length / STAGE_PER_ROW);
	const perRow = Math.ceil(people.length / Math.max(1, rows));
	for (let row = 0; row < rows; row++) {
		const line = people.slice(row * perRow, (row + 1) * perRow);
		line.forEach((person, i) => {
			const x = spread(i, line.length, Math.min(80, PICTURE_WIDTH / line.length));
			place(drawing, { person, standing: 'stage', x });
		});
		drawing.y += FACE + labelOf(drawing, line) + 4;
	}
}

/** Those with lines to others below come last, our root in their middle, so that lines cross no faces. */
function inOrder({ stage, path, backups }: NetworkWeb): Person[] {
	const root = stage.find((person) => person.peer === path[0]?.peer);
	const ready = stage.filter((person) => person !== root && includes(backups, person));
	const others = [
		...stage.filter((person) => person !== root && !ready.includes(person)),
		...ready
	];
	if (root === undefined) return others;
	const perRow = Math.ceil(stage.length / Math.ceil(stage.length / STAGE_PER_ROW));
	const lastRow = stage.length % perRow || perRow;
	const before = stage.length - lastRow + Math.floor(lastRow / 2);
	return [...others.slice(0, before), root, ...others.slice(before)];
}

/** Everybody between the stage and us, backups beside our parent. Returns what we hang from. */
function drawWay(drawing: Drawing, web: NetworkWeb): Spot | null {
	let above = drawing.spots.find((spot) => spot.person.peer === web.path[0]?.peer) ?? null;
	const between = notDrawn(drawing, web.path.slice(1, -1));
	const hidden = Math.max(0, between.length - BETWEEN_FIRST - BETWEEN_LAST);
	const seen = (i: number): boolean =>
		hidden === 0 || i < BETWEEN_FIRST || i >= BETWEEN_FIRST + hidden;
	between.forEach((person, i) => {
		if (i === BETWEEN_FIRST && hidden > 0) drawGap(drawing, hidden);
		if (!seen(i)) return;
		drawing.y += REACH;
		const spot = place(drawing, { person, standing: 'relay', x: MIDDLE });
		if (above !== null) connect(drawing, 'sound', above, spot);
		above = spot;
		const row = i === between.length - 1 ? placeBackups(drawing, web) : [];
		drawing.y += FACE + labelOf(drawing, [person, ...row]);
	});
	if (between.length === 0) drawBackupsAlone(drawing, web);
	drawing.y += REACH;
	return above;
}

function drawGap(drawing: Drawing, count: number): void {
	drawing.gaps.push({ kind: 'between', count, x: MIDDLE, y: drawing.y + REACH / 2 });
	drawing.y += GAP_HEIGHT + REACH / 2;
}

/** Below a speaker: a row of their own, between which the sound comes down. */
function drawBackupsAlone(drawing: Drawing, web: NetworkWeb): void {
	drawing.y += REACH;
	const row = placeBackups(drawing, web);
	drawing.y += row.length === 0 ? -REACH : FACE + labelOf(drawing, row);
}

/** Backups that are neither on stage nor on our way. */
function placeBackups(drawing: Drawing, { backups, path }: NetworkWeb): Person[] {
	const strangers = notDrawn(drawing, backups)
		.filter((person) => !includes(path, person))
		.slice(0, BACKUP_OFFSETS.length);
	strangers.forEach((person, i) => {
		place(drawing, { person, standing: 'backup', x: MIDDLE + (BACKUP_OFFSETS[i] ?? 0) });
	});
	return strangers;
}

function connectBackups(drawing: Drawing, web: NetworkWeb, mine: Spot): void {
	for (const spot of drawing.spots.filter(({ person }) => includes(web.backups, person))) {
		drawing.lines.push({ kind: 'ready', d: aroundTo(mine, spot, endOf(drawing, spot)) });
	}
}

/** From the side, so that it stays apart from the sound that comes from above. */
function aroundTo(mine: Spot, { x, y, size }: Spot, endY: number): string {
	const side = x < MIDDLE ? -1 : 1;
	const toX = mine.x + side * (mine.size / 2 + 8);
	const toY = mine.y + mine.size / 2;
	const isAbove = Math.abs(x - MIDDLE) < Math.abs(toX - MIDDLE) + FACE / 2;
	if (!isAbove) return `M${x} ${endY}C${x} ${toY} ${x} ${toY} ${toX} ${toY}`;
	// Above us: around those in between.
	const bow = MIDDLE + side * 2 * FACE;
	const fromX = x + side * (size / 2 + 6);
	return `M${fromX} ${y + size / 2}C${bow} ${y + size / 2} ${bow} ${toY} ${toX} ${toY}`;
}

function drawChildren(drawing: Drawing, web: NetworkWeb, mine: Spot): void {
	const below = notDrawn(drawing, [...web.children, ...web.backupChildren]).map((person) => {
		const standing: Standing = includes(web.children, person) ? 'child' : 'backup-child';
		return { person, standing };
	});
	if (below.length === 0) return;
	drawing.y += REACH;
	if (below.length > CHILDREN_APART_MAX) {
		drawCrowd(drawing, below, mine);
		return;
	}
	below.forEach(({ person, standing }, i) => {
		const x = spread(i, below.length, CHILDREN_APART);
		const spot = place(drawing, { person, standing, x });
		connect(drawing, standing === 'child' ? 'sound' : 'ready', mine, spot);
	});
	const people = below.map(({ person }) => person);
	drawing.y += FACE + labelOf(drawing, people);
}

function drawCrowd(
	drawing: Drawing,
	below: readonly { readonly person: Person; readonly standing: Standing }[],
	mine: Spot
): void {
	const top = drawing.y;
	drawing.lines.push({ kind: 'sound', d: lineTo(mine.x, endOf(drawing, mine), mine.x, top - 5) });
	const shown = below.slice(0, CROWD_MAX);
	drawing.y += 8;
	for (let first = 0; first < shown.length; first += CROWD_PER_ROW) {
		const row = shown.slice(first, first + CROWD_PER_ROW);
		row.forEach(({ person, standing }, i) => {
			const x = spread(i, row.length, FACE_IN_CROWD + 8);
			place(drawing, { person, standing, x }, FACE_IN_CROWD);
		});
		drawing.y += FACE_IN_CROWD + 8;
	}
	const count = below.length - shown.length;
	if (count > 0) {
		drawing.gaps.push({ kind: 'more', count, x: MIDDLE, y: drawing.y - 4 });
		drawing.y += GAP_HEIGHT;
	}
	drawing.crowd = { y: top, height: drawing.y - top };
	// Half of the box's own line.
	drawing.y += 1;
}

function place(
	drawing: Drawing,
	spot: Pick<Spot, 'person' | 'standing' | 'x'>,
	size: number = FACE
): Spot {
	const placed = { ...spot, y: drawing.y, size, named: size !== FACE_IN_CROWD };
	drawing.spots.push(placed);
	return placed;
}

function connect(drawing: Drawing, kind: Line['kind'], upper: Spot, lower: Spot): void {
	const d = lineTo(upper.x, endOf(drawing, upper), lower.x, lower.y - 6);
	drawing.lines.push({ kind, d });
}

/** Down first, then across, then down again. */
function lineTo(fromX: number, fromY: number, toX: number, toY: number): string {
	const bend = Math.max(10, (toY - fromY) / 2);
	return `M${fromX} ${fromY}C${fromX} ${fromY + bend} ${toX} ${toY - bend} ${toX} ${toY}`;
}

/** Where a face and what is written below it end. */
function endOf(drawing: Drawing, { person, y, size }: Spot): number {
	return y + size + labelOf(drawing, [person]);
}

function labelOf({ timed }: Drawing, people: readonly Person[]): number {
	return people.some(({ peer }) => timed.has(peer)) ? LABEL_TIMED : LABEL;
}

function spread(i: number, count: number, apart: number): number {
	return MIDDLE + (i - (count - 1) / 2) * apart;
}

/** Nobody stands in two places: two may be each other's backup, and what others say of our way may be nonsense. */
function notDrawn({ spots }: Drawing, people: readonly Person[]): Person[] {
	const drawn = new Set(spots.map(({ person }) => person.peer));
	return people.filter(({ peer, me }) => {
		const isNew = !me && !drawn.has(peer);
		drawn.add(peer);
		return isNew;
	});
}

function includes(people: readonly Person[], { peer }: Person): boolean {
	return people.some((person) => person.peer === peer);
}
