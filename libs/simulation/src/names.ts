/**
 * All invented, in the manner of Northern Ireland and Scotland: no person, place or organisation
 * is meant.
 */
export const WOMEN = [
  ...['Aoife', 'Orla', 'Ciara', 'Roisin', 'Grainne', 'Niamh', 'Siobhan', 'Bernadette', 'Una'],
  ...['Maeve', 'Sinead', 'Dympna', 'Eilidh', 'Mairi', 'Catriona', 'Isla', 'Morag', 'Fiona'],
  ...['Kirsty', 'Shona', 'Ailsa', 'Agnes', 'Margaret', 'Elaine', 'Heather', 'Ruth', 'Joan'],
  ...['Amina', 'Priya', 'Agnieszka', 'Mei', 'Nadia', 'Rosa'],
] as const;
export const MEN = [
  ...['Conor', 'Declan', 'Eamon', 'Fergal', 'Padraig', 'Brendan', 'Cathal', 'Niall', 'Ronan'],
  ...['Seamus', 'Trevor', 'Nigel', 'Calum', 'Hamish', 'Angus', 'Iain', 'Fergus', 'Gregor'],
  ...['Ruaridh', 'Alasdair', 'Murdo', 'Stuart', 'Derek', 'Gordon', 'Yusuf', 'Piotr', 'Ravi'],
] as const;
export const SURNAMES = [
  ...["O'Neill", 'McCann', 'Gallagher', 'Doherty', 'McLaughlin', 'Quinn', 'Magee', 'Devlin'],
  ...['Hamill', 'McKeown', 'Donnelly', 'Wylie', 'Kerr', 'Munro', 'Mackay', 'Sutherland', 'Ross'],
  ...['MacLeod', 'Cameron', 'Fraser', 'Sinclair', 'Gunn', 'Mackenzie', 'Boyle', 'Ferguson'],
  ...['Craig', 'Patterson', 'Irvine', 'Rankin', 'Khan', 'Nowak', 'Sharma', 'Chen', 'Okafor'],
] as const;

export const PLACES = {
  both: [
    ...['Ballyderrin', 'Strathlorne', 'Kilcarra', 'Inverallan', 'Carrowmore Hill', 'Glenvarra'],
    ...['Drumlosh', 'Auchenmoss', 'Portlerne', 'Balnacraig', 'Lisnaglen', 'Dunarrick'],
    ...['Moyverra', 'Kirkbrae', 'Tullyness', 'Ardmorran'],
  ],
  scotland: [
    ...['Strathlorne', 'Lochanmore', 'Inverallan', 'Ardmorran', 'Balnacraig', 'Dunarrick'],
    ...['Auchenmoss', 'Kirkbrae', 'Achnarie', 'Glenvarra'],
  ],
} as const;
/** Where there are more areas than places. */
export const QUARTERS = ['North', 'South', 'East', 'West', 'Harbour', 'Upper', 'Lower', 'Old'];
export const PRACTICES = [
  ...[
    'Bank Street Surgery',
    'Health Centre',
    'Riverside Practice',
    'Hill Medical',
    'Bridge Surgery',
  ],
  ...['Station Road Practice', 'Mill Surgery', 'Harbour Medical', 'Church Lane Surgery'],
  ...['Market Practice', 'Castle Surgery', 'Woodside Medical', 'Shore Road Practice'],
  ...['Meadow Surgery', 'Glen Practice', 'Abbey Medical', 'Loan Surgery', 'Cross Practice'],
  ...['Braeside Surgery', 'Links Medical', 'Ferry Surgery', 'Old Town Practice', 'Moor Surgery'],
  ...['Well Street Practice', 'Burnside Medical', 'Square Surgery', 'Viewpoint Practice'],
] as const;

export const GOALS = [
  ...['to leave the house twice a week', 'to meet people again', 'to sleep better'],
  ...['to sort out the letters about money', 'to find something to look forward to'],
] as const;
export const STEPS = [
  ...['walk to the shop on Mondays', 'phone one friend', 'come along once with somebody'],
  ...['look at the bills together', 'try one session'],
] as const;
export const REFUSALS = [
  ...['too far', 'not for me', 'would know people there', 'not yet', 'the wrong time of day'],
] as const;
export const DECLINES = [
  ...['does not want this now', 'has help already', 'would rather see the GP'],
] as const;
