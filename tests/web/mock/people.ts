// SPDX-License-Identifier: Apache-2.0
// People of the stand-in, in the shape of the API's Person.

export interface MockPerson {
  id: string;
  dn: string;
  login: string;
  name: string;
  givenName: string;
  surname: string;
  mail: string;
  mail2: string;
  title: string;
  department: string;
  company: string;
  location: string;
  extension: string;
  numbers: { kind: 'office' | 'mobile' | 'home' | 'other'; value: string }[];
  roles: ('user' | 'auditor' | 'administrator')[];
}

const given = ['Alice', 'Bob', 'Carol', 'David', 'Erin', 'Frank', 'Grace', 'Heidi', 'Ivan', 'Judith', 'Kemal', 'Laura'];
const family = ['Archer', 'Baker', 'Castillo', 'Duarte', 'Ekström', 'Fischer', 'Grünwald', 'Hansen', 'Ionescu', 'Jansen'];
const departments = ['Sales', 'Support', 'Engineering', 'Finance', 'Logistics'];
const titles = ['Engineer', 'Account manager', 'Clerk', 'Head of department', 'Technician'];

function person(index: number): MockPerson {
  const first = given[index % given.length] ?? '';
  // The first twelve keep the initial: Alice Archer, Bob Baker ...
  const last = family[(index + Math.floor(index / given.length) * 3) % family.length] ?? '';
  const login = `${first.toLowerCase()}${index < given.length ? '' : String(index)}`;
  const extension = String(1001 + index);
  return {
    id: `person-${String(index)}`,
    dn: `uid=${login},ou=people,dc=jackfield,dc=test`,
    login,
    name: `${first} ${last}`,
    givenName: first,
    surname: last,
    mail: `${login}@jackfield.test`,
    mail2: '',
    title: titles[index % titles.length] ?? '',
    department: departments[index % departments.length] ?? '',
    company: 'Jackfield Demonstration',
    location: index % 2 === 0 ? 'Leipzig' : 'Porto',
    extension,
    numbers: [
      { kind: 'office', value: `+49 341 555${extension}` },
      ...(index % 3 === 0 ? [{ kind: 'mobile' as const, value: `+49 170 5550${extension}` }] : []),
    ],
    roles: index === 0 ? ['user', 'administrator'] : index === 2 ? ['user', 'auditor'] : ['user'],
  };
}

export const people: MockPerson[] = Array.from({ length: 120 }, (_unused, index) => person(index));

export function search(text: string): MockPerson[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return people
    .filter((one) => {
      const haystack = [one.name, one.department, one.extension, ...one.numbers.map((number) => number.value)]
        .join(' ')
        .toLowerCase();
      return words.every((word) => haystack.includes(word));
    })
    .sort((left, right) => left.surname.localeCompare(right.surname) || left.name.localeCompare(right.name));
}

export function personOf(login: string): MockPerson {
  const found = people.find((one) => one.login === login);
  if (!found) throw new Error(`The stand-in knows nobody called ${login}`);
  return found;
}
