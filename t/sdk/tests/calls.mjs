/* What else can be done for a user: logs, tickets, a mail (U9). */

import { is, like, ok } from '../../lib/tap.mjs';
import { failure, segment } from '../lib/world.mjs';

export default async function test(world) {
  for (const sdk of world.sdks) {
    const { user_id: id } = await world.user();

    await mails(world, sdk, id);
    await tickets(world, sdk, id);
    await logs(world, sdk, id);
    await refused(world, sdk, id);
  }
}

async function mails(world, sdk, id) {
  world.asked();

  const job = await sdk.mail({ user_id: id });

  is(world.calls(),
     [`POST /api/users/${segment(id)}/send_verification_email {}`],
     `${sdk.name}: U9.3 the call`);
  is([job.type, job.status], ['verification_email', 'completed'],
     `${sdk.name}: U9.3 a job that is done`);
  ok(job.id, `${sdk.name}: U9.3 with an id`);
}

async function tickets(world, sdk, id) {
  const { name } = sdk;

  world.asked();

  const { ticket } = await sdk.passwordTicket({
    user_id: id, result_url: 'https://a.example/?b=ü' });

  like(ticket, /^https:\/\/127[.]0[.]0[.]1:\d+\/lo\/reset\?ticket=\w+$/,
       `${name}: U9.2 a ticket for a password`);

  const verify = (await sdk.emailTicket({ user_id: id })).ticket;

  is(world.calls(), [
    `POST /api/users/${segment(id)}/change_password_ticket `
    + '{"resultUrl":"https://a.example/?b=ü"}',
    `POST /api/users/${segment(id)}/verification_ticket {}`,
  ], `${name}: U9.2 the calls`);

  ok(!(await sdk.get(id)).email_verified, `${name}: U9.2 nothing is verified`);
  is((await fetch(verify)).status, 200, `${name}: U9.2 the ticket is used`);
  ok((await sdk.get(id)).email_verified, `${name}: U9.2 and does what it says`);
}

async function logs(world, sdk, id) {
  const { name } = sdk;

  is((await sdk.logs(id)).map(({ type }) => type), ['svr', 'ss'],
     `${name}: U9.1 what has happened`);
  is((await sdk.logs(id, { page: 1, per_page: 1 })).map(({ type }) => type),
     ['ss'], `${name}: U9.1 a page`);
  is((await sdk.logs(id))[0].user_id, id,
     `${name}: U9.1 an entry as v1 has it`);
  is((await failure(sdk.logs('auth0|nobody'))).statusCode, 404,
     `${name}: U9.1 of nobody`);
}

async function refused(world, sdk, id) {
  const { name } = sdk;

  world.asked();
  for (const body of [{ connection_id: 'con_1', email: 'a@example.com' },
                      { user_id: id, ttl_sec: 60 }, {}]) {
    const error = await failure(sdk.passwordTicket(body));

    ok(error instanceof sdk.errorClass('BadRequestError'),
       `${name}: H5.15 ${JSON.stringify(body)}`);
    ok(sdk.errorBody(error).message.includes(Object.keys(body)[1]
                                             ?? 'user_id'),
       `${name}: H5.15 it says what is wrong`);
  }
  is(world.calls(), [], `${name}: H5.15 nothing is sent`);
}
