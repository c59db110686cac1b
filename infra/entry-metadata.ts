/** Under this name the cloud assembly tells, outside of the template, which file a function is bundled from. */
export const entryMetadata = 'bundle:entry';
