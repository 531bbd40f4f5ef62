/** Names that every file system takes, and that lead nowhere else. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** The name itself. Throws a RangeError for another. */
export function checkedName(name: string): string {
	if (!NAME.test(name)) throw new RangeError(`A record cannot be named "${name}".`);
	return name;
}
