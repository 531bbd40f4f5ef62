/** What shuts people out of the page, by the rules of WCAG 2.2 A and AA. */
import axe from 'axe-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe has against the page as it is, one line for each element. */
export async function complaints(): Promise<string[]> {
	const { violations } = await axe.run(document, {
		runOnly: TAGS,
		resultTypes: ['violations'],
		preload: false
	});
	return violations.flatMap(({ id, nodes }) =>
		nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary ?? ''}`)
	);
}
