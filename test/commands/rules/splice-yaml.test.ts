// Edits of a YAML text leave the rest unchanged.
import t from 'tap';
import { YAMLMap } from 'yaml';
import { SplicedYaml } from '../../../src/commands/rules/splice-yaml.js';

const TEXT = `# a comment
list:
  - name: "one" # kept
    note: >-
      folded
      text
  # between
  - name: two
    note: 'a job b'
`;

void t.test('a scalar is replaced with its quotes, and the text after it is kept', (t) => {
  const yaml = new SplicedYaml(TEXT);
  const [one = new YAMLMap(), two = new YAMLMap()] = SplicedYaml.maps(yaml.root, 'list');
  yaml.set(one, 'name', 'three');
  yaml.replace(two, 'note', 'job', '$&');
  yaml.prepend(one, ['a: 1', 'b: 2']);
  t.equal(
    yaml.render(),
    TEXT.replace('- name: "one"', '- a: 1\n    b: 2\n    name: three').replace('a job b', () => 'a $& b'),
  );
  t.end();
});

void t.test('without edits the text is the same', (t) => {
  t.equal(new SplicedYaml(TEXT).render(), TEXT);
  t.end();
});

void t.test('an edit that finds nothing to edit is a fault', (t) => {
  const yaml = new SplicedYaml(TEXT);
  const [one = new YAMLMap()] = SplicedYaml.maps(yaml.root, 'list');
  t.throws(
    () => {
      yaml.set(one, 'missing', 'x');
    },
    { message: /no missing in/ },
  );
  t.throws(
    () => {
      yaml.replace(one, 'note', 'job', 'x');
    },
    { message: 'note does not contain job' },
  );
  t.throws(() => new SplicedYaml('- a list\n'), { message: 'the text is not a YAML mapping' });
  t.throws(() => new SplicedYaml('a: "\n'), { name: 'YAMLParseError' });
  t.strictSame(SplicedYaml.maps(yaml.root, 'none'), []);
  t.end();
});
