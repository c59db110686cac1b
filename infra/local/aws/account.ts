/** The account and region that a locally served stack believes to be in. */
export const account = '000000000000';
export const region = 'us-east-1';
