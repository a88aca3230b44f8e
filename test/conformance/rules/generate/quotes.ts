const tufts = '000_7e1eb527e4ad0cc9.txt';
const optum = '001_def3f483afb1e478.txt';
const bulletin = '002_87ced7b2bc22d786.txt';
const michigan = '003_aab6a4940cfce342.txt';

function from(source: string, quote: string): { readonly quote: string; readonly source: string } {
  return { quote, source };
}

/** The payers' sentences that decide, each with the file in which it stands. */
export const quotes = {
  caseload: from(
    bulletin,
    'A member is considered to be on the Peer Recovery Coach’s caseload if the Peer Recovery Coach has had documented contact with the member within the past 21 days.',
  ),
  engaged: from(
    bulletin,
    'during which the member demonstrates engagement through reciprocating texts, emails, or engaging in phone or audio-visual communications',
  ),
  inPerson: from(bulletin, 'An in-person meeting'),
  interaction: from(
    bulletin,
    'Contact means at least one of the following examples of interaction between the member and the Peer Recovery Coach has occurred',
  ),
  accompany: from(bulletin, 'The Peer Recovery Coach accompanying the member to an appointment'),
  twoYears: from(bulletin, 'within two years of being hired do not continue providing Peer Recovery Coach Services.'),
  waiver: from(bulletin, 'The CARC training requirement may be waived in cases of extenuating circumstances'),
  waiverApproved: from(
    bulletin,
    'identified by the provider organization with documentation submitted to and approved by the MCE or PACE organization.',
  ),
  carc: from(
    bulletin,
    'must have obtained or must demonstrate that they are working to obtain credentialing as a Certified Addiction Recovery Coach (CARC)',
  ),
  working: from(
    bulletin,
    'must be in the process of completing supervision requirements and additional required trainings.',
  ),
  recovery: from(bulletin, 'A qualified Peer Recovery Coach must have at least two years of sustained recovery'),
  boards: from(bulletin, 'meet all other applicable boards of registration and certification board requirements.'),
  notApplicable: from(
    bulletin,
    'The requirements in this section are not applicable to One Care plans, SCOs, and PACE Organizations.',
  ),
  billDaily: from(
    bulletin,
    'MCOs, ACPPs, and the BH vendor must allow providers to bill daily for each member on the Peer Recovery Coach’s caseload.',
  ),
  chargeCode: from(
    bulletin,
    'must use procedure code and modifier H2016-HM for providers billing for the Peer Recovery Coach Service.',
  ),
  dailyRate: from(bulletin, 'must use a daily case rate billing structure for Peer Recovery Coach services'),
  solo: from(
    bulletin,
    'MCEs may not establish contractual relationships with individual Peer Recovery Coaches as solo practitioners; rather, network contracts must be with organizations that employ Peer Recovery Coaches to provide Peer Recovery Coach Services.',
  ),
  firstNinety: from(bulletin, 'allow for at least the first 90 days of service to occur without prior approval'),
  mayRequire: from(
    bulletin,
    'after 90 days, the MCE may require the provider to submit documents to the plan for concurrent review, as determined by the MCE.',
  ),
  notification: from(
    bulletin,
    'MCEs must allow a 14-day window for providers to submit a notification of admission when members begin services.',
  ),
  notPace: from(bulletin, 'The requirements in this section are not applicable to PACE Organizations.'),

  connection: from(optum, 'at least one connection with the Enrollee over a 21-day period.'),
  connectionKinds: from(
    optum,
    'Connections can be made in person, over the phone, or by text provided that the Enrollee is engaged and responsive.',
  ),
  initialGoals: from(
    optum,
    'At least one in-person meeting at the onset of service delivery to develop initial goals with the Enrollee (this might include a wellness plan, as appropriate)',
  ),
  optumWork: from(
    optum,
    'plus sufficient time must be spent on case related work without Enrollee present to assist Enrollee in accomplishing goals',
  ),

  licensed: from(
    optum,
    'employed by a larger organization that provides behavioral health services and is licensed within the Commonwealth of Massachusetts.',
  ),
  wide: from(optum, 'are expected to have affiliation agreements with a wide variety of organizations'),
  clauses: from(
    optum,
    'Such agreements include the referral process, as well as transition, aftercare, and discharge processes.',
  ),
  volume: from(
    optum,
    'that refer a high volume of Enrollees to its program and/or to which the program refers a high volume of Enrollees.',
  ),
  referral: from(
    optum,
    'a referral by a medical or behavioral health provider, Community Partner (CP), or other care manager',
  ),
  identifies: from(optum, 'that has contact with the Enrollee and is able to identify the need for RC services.'),
  safeCare: from(optum, 'to create and coordinate Plan of Safe Care (also called Family Support Plan)'),
  needs: from(
    optum,
    'perinatal health and support needs, housing needs, healthcare needs, income needs, mental health, and substance use treatment needs (including MAT)',
  ),
  adverse: from(
    optum,
    'Providers must report any adverse incidents and other reportable events that occur to the relevant authorities.',
  ),
  withConsent: from(optum, 'With the Enrollee’s consent a copy of the wellness plan is part of the Enrollee’s record.'),
  supportsGoals: from(
    optum,
    'These ongoing connections must support the peer relationship and support the Enrollee in working towards the goals with the RC.',
  ),
  noPlan: from(bulletin, 'MCEs may not require a recovery or wellness plan for authorization.'),
  registers: from(
    bulletin,
    'MCEs may establish notification or registration procedures during the first 90 days of such services.',
  ),
  direct: from(tufts, 'Recovery Coaches must receive direct supervision from a supervisor'),

  fiveInThirty: from(tufts, 'At least five (5) connections with the Member over a thirty (30) day period.'),
  tuftsKinds: from(
    tufts,
    'Connections can be made in person, over the phone, or by text provided that the Member is engaged and responsive.',
  ),
  tuftsGoals: from(
    tufts,
    'These ongoing connections must support peer relationship and support the Member in working towards the goals in the Wellness Plan.',
  ),
  onset: from(
    tufts,
    'At least one in-person meeting at the onset of service delivery to develop the Wellness Plan in conjunction with the Member',
  ),
  weekly: from(tufts, 'the ongoing weekly contacts'),
  notReplace: from(
    tufts,
    'These activities are intended to support the work with the Member but not replace actual connections between the Recovery Coach and the Member.',
  ),
  caseRate: from(tufts, 'the minimum Member interaction required for the daily case rate'),
  diploma: from(
    tufts,
    'Recovery Coaches must have at least a high school diploma or a GED, except in cases where a reasonable exception can be made',
  ),
  training: from(tufts, 'The training program must be approved by EOHHS.'),
  supervisorTraining: from(tufts, 'The supervisor training program must be approved by EOHHS.'),
  workingTufts: from(
    tufts,
    'Recovery Coaches must have obtained or must be able to demonstrate that they are actively working to obtain, credentialing as a Certified Addiction Recovery Coach (CARC)',
  ),

  oneOnOne: from(
    michigan,
    'This code should be used for all one-on-one peer recovery support services and activities with the client.',
  ),
  withTherapist: from(
    michigan,
    'This code should be used for group peer recovery support services and activities when the therapist is present in the group.',
  ),
  peerGroup: from(
    michigan,
    'This code should be used in group-based formats facilitated by peer recovery support personnel in which services and activities consist of qualifying recovery supports topics to meet the general needs of the clients present.',
  ),
  matCoach: from(
    michigan,
    'This code should be used in group-based formats facilitated by a peer recovery Coach in which services and activities consist of qualifying recovery supports topics to address specific needs of the Medication-Assisted Treatment population.',
  ),
  matAssociate: from(
    michigan,
    'This code should be used in group-based formats facilitated by a peer recovery Associate in which services and activities consist of qualifying recovery supports topics to address specific needs of the Medication-Assisted Treatment population.',
  ),
  notFaceToFace: from(michigan, 'This code should be used for all **non-face-to-face services**'),
  blockGrantOnly: from(michigan, 'May only be billed to block grant and PA2.'),
  presentOnly: from(
    michigan,
    'Services billable to Medicaid or Healthy Michigan Program include any of those listed above when the client is present.',
  ),
  blockGrantMay: from(
    michigan,
    'Block Grant or PA2 may be billed for non-face-to-face services for Medicaid and/or HMP clients when appropriate and funding is available.',
  ),
  familyConsent: from(
    michigan,
    'RCs can use letters and phone calls to family members (with permission and written consent from clients)',
  ),
  phoneContact: from(michigan, 'Peer telephone contact with the client'),
  phoneMinutes: from(michigan, 'Peer telephone contact with the client for a minimum of 15 minutes duration'),
  familyMinutes: from(michigan, 'Peer collateral family contact of a minimum of 15 minute duration'),
  professionalMinutes: from(michigan, 'Peer collateral professional contact of a minimum of 15 minute duration.'),
  unit: from(michigan, 'Individual-based Recovery Support Services, 15 minutes'),
  supports: from(michigan, 'Billable services must fall within at least one of the four Types of Supports'),
  notes: from(michigan, 'Beginning and end time for PRSS service encounter;'),
  notesDate: from(michigan, 'Date of service;'),
  notesPlace: from(
    michigan,
    'Nature and extent of PRSS service provided and place of service if located outside of the provider office setting.',
  ),
  notesSigned: from(michigan, 'Signature of recovery coach/associate'),
  notClinical: from(michigan, 'This does not include therapy or other clinical services.'),
  byPeer: from(michigan, 'must be provided by a Peer Recovery Coach/Associate'),
  sixMonths: from(michigan, 'PRSS services may continue for up to six (6) months as clinically appropriate.'),
  perMonth: from(michigan, 'must meet a minimum requirement of one (1) face-to-face encounter per month.'),
  sameDates: from(michigan, 'must begin and end on the same date as the existing authorization.'),
  preauthorized: from(michigan, 'All recovery support services must be preauthorized'),
  reasons: from(michigan, 'The request should indicate the reasons why recovery support is being requested'),
  progress: from(
    michigan,
    'Re-authorization requests should indicate progress regarding the recovery support goals and the need for continued recovery support services.',
  ),
  allowance: from(
    michigan,
    'Units of recovery support shall be counted toward the hours of service allowable within an authorization request.',
  ),
  justified: from(
    michigan,
    'the CMHSP will consider authorizations that exceed the allowable amount when adequate justification is provided within the authorization request.',
  ),
  firstAndOne: from(
    michigan,
    'the first and at least one other must be present in addition to the client’s agreement to participate in services.',
  ),
  needDomain: from(michigan, 'Client has a documented need in at least one domain'),
  mcbap: from(michigan, 'are required to be supervised by MCBAP certified staff.'),
  telephone: from(michigan, 'Peer telephone contact with the client for a minimum of 15 minutes duration'),
  faceToFace: from(michigan, 'Peer face-to-face contact with the client'),
  licensedPeers: from(
    michigan,
    'as a stand-alone service by providers possessing licensure for provision of peer support services.',
  ),
  sixMonthsRecovery: from(michigan, 'Minimum of six months in recovery'),
  weeklySupervision: from(michigan, 'Weekly (or more) supervision.'),
  fortyHours: from(michigan, 'Coaches are expected to complete 40 hours of CCAR training, or another like course'),
  twoToFour: from(michigan, 'Two to four years of stable recovery'),
  lost: from(
    michigan,
    'The provider must make active efforts to engage clients who are "lost" or drop out of the program',
  ),
  mail: from(
    michigan,
    'RCs can also mail clients letters or reading materials if they are incarcerated in prison or visit them in person if they are incarcerated in the county jail.',
  ),
} as const;
export type QuoteKey = keyof typeof quotes;
