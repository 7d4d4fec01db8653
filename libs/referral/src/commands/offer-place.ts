import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  GivenCommand,
  IdOf,
  Optional,
  Part,
  Summary,
  type PrescriptionId,
  type ReferralId,
} from '#kernel';
import { Places } from '#directory';
import { offerPlace } from '../domain/decide.js';
import { Override } from './override.js';
import { Referrals } from './referrals.js';
import { decideWithPlace } from './taking-place.js';

@Summary(
  'A place for somebody on the waiting list. The scheme says for how many days it is kept; the ' +
    'first session that the person attends takes it up.',
)
export class OfferPlace extends GivenCommand {
  @IdOf('referral') referral!: ReferralId;
  @IdOf('prescription') prescription!: PrescriptionId;
  @Part(() => Override) @Optional() override?: Override;
}

@CommandHandler(OfferPlace)
export class OfferPlaceHandler implements ICommandHandler<OfferPlace> {
  constructor(
    private readonly referrals: Referrals,
    private readonly places: Places,
  ) {}

  async execute(command: OfferPlace) {
    const { meta, referral, prescription, override } = command;
    const { state } = await this.referrals.load(referral);
    const given = state?.prescriptions.find((each) => each.prescription === prescription);
    if (given === undefined) {
      return this.referrals.decide(command, (now, moment) =>
        offerPlace(now, { prescription }, {}, this.referrals.schemeOf, moment),
      );
    }
    const { provider, service } = given;
    const place = { provider, service, prescription, referral, override };
    return decideWithPlace(this.referrals, this.places, meta, place, (now, moment, placing) =>
      offerPlace(
        now,
        { prescription, ...(placing?.override && { override: placing.override }) },
        { overrideReason: placing?.overrideReason },
        this.referrals.schemeOf,
        moment,
      ),
    );
  }
}
