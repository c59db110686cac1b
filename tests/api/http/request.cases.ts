/** Bodies that are not JSON, by name. */
export const notJsonBodies: Record<string, string | Buffer> = {
  'no body': '',
  'white space': ' \n',
  text: 'not json',
  'a truncated object': '{"emoji_type":0,"message":"h',
  'single quotes': "{'emoji_type':0,'message':'hi'}",
  NaN: '{"emoji_type":NaN,"message":"hi"}',
  'a leading zero': '{"emoji_type":01,"message":"hi"}',
  'two values': '{"emoji_type":0,"message":"hi"}{}',
  'UTF-16': Buffer.from('{"emoji_type":0,"message":"hi"}', 'utf16le'),
  'a control character in a string': '{"emoji_type":0,"message":"a\nb"}',
};

/** Media types of JSON in UTF-8. */
export const acceptedMediaTypes = [
  'application/json',
  'APPLICATION/JSON',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json ; charset="utf-8"',
  'application/json; charset=utf8',
  'application/json; profile="https://example.com/a"',
];

/** Media types that the function refuses. */
export const refusedMediaTypes = [
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/xml',
  'application/jsonp',
  'application/problem+json',
  'application/json; charset=iso-8859-1',
  'application/json; charset=utf-16',
  'application/json, application/json',
];
