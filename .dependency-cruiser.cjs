// The dependency law: an arrow may be skipped, never reversed; apps wire what a lower slice asks for.
const order = [
  ['kernel'],
  ['postgres'],
  ['event-log'],
  ['projection'],
  ['people', 'directory'],
  ['referral'],
  ['funding'],
  ['audit', 'interop', 'simulation'],
  ['engine'],
];

const layers = order.flatMap((names, level) =>
  names.map((name) => {
    const above = order
      .slice(level)
      .flat()
      .filter((other) => other !== name);
    return {
      name: `${name}-knows-nothing-above-it`,
      severity: 'error',
      comment:
        'kernel, postgres, event-log, projection, people and directory, referral, funding, audit and interop and simulation, engine, apps',
      from: { path: `^libs/${name}/` },
      to: { path: `^(libs/(${above.join('|')})/|apps/)` },
    };
  }),
);

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'through-the-front-door',
      severity: 'error',
      comment:
        'Of another library only its index is imported (and the adapters and suite of the log).',
      from: { path: '^(libs/[^/]+|apps/[^/]+|test)/' },
      to: {
        path: '^libs/[^/]+/',
        pathNot: [
          '^libs/[^/]+/src/index\\.ts$',
          '^libs/event-log/((sqlite|postgres|eventstoredb)/index|conformance/suite)\\.ts$',
          '^libs/(postgres|projection)/src/testing/index\\.ts$',
          '^$1/',
        ],
      },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment:
        'domain/ imports the kernel and its own domain; in funding also the referral events it posts from.',
      from: { path: '^libs/([^/]+)/src/domain/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(libs|apps)/',
        pathNot: ['^libs/kernel/', '^libs/$1/src/domain/', '^libs/referral/src/index\\.ts$'],
      },
    },
    {
      name: 'nest-at-the-edges',
      severity: 'error',
      comment: 'Nest is wiring: modules, handlers of commands and queries, controllers and apps.',
      from: {
        path: '^libs/',
        pathNot: ['\\.module\\.ts$', '/commands/', '/queries/', '^libs/engine/'],
      },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'domain-does-no-io',
      severity: 'error',
      from: { path: '/domain/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?util$' },
    },
    {
      name: 'one-place-speaks-to-eventstoredb',
      severity: 'error',
      comment:
        'Its client has calls that hang or end a process; the adapter knows how to avoid each.',
      from: {
        path: '^(apps|libs|test)/',
        pathNot: ['^libs/event-log/eventstoredb/', '^test/eventstoredb/'],
      },
      to: { path: 'node_modules/(@eventstore|@grpc)/' },
    },
    {
      name: 'few-places-speak-to-postgresql',
      severity: 'error',
      comment:
        'What its clients share is in libs/postgres; beside it only stores and their tests know pg.',
      from: {
        path: '^(apps|libs|test)/',
        pathNot: [
          '^libs/(postgres|event-log/postgres|projection|people)/',
          '\\.spec\\.ts$',
          '/testing/',
          '^test/',
        ],
      },
      to: { path: 'node_modules/(pg|pg-pool|pg-connection-string|@types/pg)/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.spec\\.ts$', '/testing/', '^test/'] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
