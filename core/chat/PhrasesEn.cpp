#include "chat/PhraseTables.h"

namespace tsunagi::chat {

std::string_view phraseInEnglish(Phrase what) {
  switch (what) {
    case Phrase::NoAnswer:
      return "Sorry, I could not answer just now. Please send your message again in a little while.";
    case Phrase::TooSlow:
      return "Sorry, the answer took too long. Please ask something shorter, or send it again.";
    case Phrase::Empty:
      return "The answer came back empty. Please try again in other words.";
    case Phrase::GaveUp:
      return "Sorry, this message could not be handled. Please try another one.";
    case Phrase::CutMark:
      return "… (cut here: too long)";
    case Phrase::Busy:
      return "I am busy right now. Please send your message again in a little while.";
    case Phrase::CannotImage:
      return "Sorry, I cannot look at pictures yet. Please tell me in words.";
    case Phrase::CannotAudio:
      return "Sorry, I cannot listen to voice messages yet. Please type your message.";
    case Phrase::CannotVideo:
      return "Sorry, I cannot watch videos yet. Please tell me in words.";
    case Phrase::CannotFile:
      return "Sorry, I cannot read this kind of file. Please send plain text or a PDF.";
    case Phrase::CannotOther:
      return "Sorry, I cannot handle this kind of message yet. Please type it.";
    case Phrase::FileTooBig:
      return "That file is too big. Please send one of at most {limit}.";
    case Phrase::StorageFull:
      return "Sorry, there is no room left to keep the file. Please tell the owner.";
    case Phrase::Heard:
      return "🎤 “{text}”";
    case Phrase::SlowText:
      return "Still thinking. Wait a moment, then tap the button to get the answer.";
    case Phrase::SlowLabel:
      return "Get the answer";
    case Phrase::StillWorking:
      return "Not finished yet. Please wait a little longer, then tap again.";
    case Phrase::AnswerGone:
      return "That answer is no longer kept. Please ask again.";
    case Phrase::ContinueText:
      return "There is more.";
    case Phrase::ContinueLabel:
      return "Continue";
    case Phrase::LateNotice:
      return "I was offline for a while. This also answers what you wrote before ({count}).";
    case Phrase::KeptAnswer:
      return "The answer to your earlier question:";
    case Phrase::OfferPairing:
      return "This account is for invited people. Please ask its owner for a pairing code and send the code here.";
    case Phrase::OfferPairingFirst:
      return "There is no owner yet. Please send the code that the set-up page shows.";
    case Phrase::Greet:
      return "Hello! Ask me anything. {command} shows what I can do.";
    case Phrase::GreetGroup:
      return "Hello everyone. Mention me with @ when you need me.";
    case Phrase::TellAllow:
      return "Thanks for adding me. Once my owner sends {command} in this group, I can answer here.";
    case Phrase::Limited:
      return "That was a lot of messages. Please wait a little before the next one.";
    case Phrase::BudgetSpent:
      return "Today's allowance is used up. Please try again tomorrow.";
    case Phrase::Paired:
      return "You are paired ({role}). You can start right away.";
    case Phrase::CodeWrong:
      return "That code is wrong or has expired. Please check it and send it again.";
    case Phrase::CodesLocked:
      return "Too many wrong codes. Please try again in an hour.";
    case Phrase::CodeInGroup:
      return "Codes do not work in groups. Please send it to me in a 1:1 chat.";
    case Phrase::CodesCancelled:
      return "Too many wrong codes were tried, so all open pairing codes are cancelled. Make new ones if you need "
             "them.";
    case Phrase::CodeUsage:
      return "Please add the code, for example: {command} ABCD-2345";
    case Phrase::Expired:
      return "That was too long ago, so nothing was done. Please send it again if you still want it.";
    case Phrase::OnlyPaired:
      return "Only people who are paired can do that.";
    case Phrase::OnlyMember:
      return "Only members and owners can do that.";
    case Phrase::OnlyOwner:
      return "Only the owner can do that.";
    case Phrase::OnlyDirect:
      return "That works only in a 1:1 chat with me.";
    case Phrase::OnlyGroup:
      return "That works only in a group.";
    case Phrase::UnknownCommand:
      return "There is no command /{word}. {command} lists them.";
    case Phrase::HelpHead:
      return "What you can send:";
    case Phrase::HelpHelp:
      return "shows this list";
    case Phrase::HelpNew:
      return "starts a new topic, without what was said before; with a text, that is its first question";
    case Phrase::HelpStop:
      return "stops the answer under way";
    case Phrase::HelpWhoAmI:
      return "shows how I know you";
    case Phrase::HelpPair:
      return "pairs you with a code";
    case Phrase::HelpUnpair:
      return "ends your pairing";
    case Phrase::HelpForget:
      return "deletes what I have stored of our conversation";
    case Phrase::HelpStatus:
      return "shows whether everything works";
    case Phrase::HelpQuota:
      return "shows this month's use of LINE messages";
    case Phrase::HelpModel:
      return "shows or chooses the model";
    case Phrase::HelpPause:
      return "stops answering for a while, for example 1h";
    case Phrase::HelpResume:
      return "answers again";
    case Phrase::HelpAllow:
      return "lets me answer in this group; with paired: only people who are paired";
    case Phrase::HelpDeny:
      return "stops me in this group";
    case Phrase::HelpProject:
      return "shows or chooses the project";
    case Phrase::NewDone:
      return "A new topic, then. Go ahead.";
    case Phrase::StopDone:
      return "Stopped.";
    case Phrase::StopNothing:
      return "There is nothing to stop right now.";
    case Phrase::WhoAmI:
      return "You are {name} ({role}).";
    case Phrase::WhoAmIUnknown:
      return "You are not paired yet.";
    case Phrase::RoleGuest:
      return "guest";
    case Phrase::RoleMember:
      return "member";
    case Phrase::RoleOwner:
      return "owner";
    case Phrase::UnpairDone:
      return "Your pairing is ended. To come back you need a new code.";
    case Phrase::UnpairLastOwner:
      return "You are the last owner, so this is not possible. Please pair another owner first.";
    case Phrase::ForgetDone:
      return "What was stored of our conversation is deleted, files included.";
    case Phrase::ForgetGroupDone:
      return "What was stored of this group is deleted.";
    case Phrase::StatusReady:
      return "Everything works ({responder}).";
    case Phrase::StatusDown:
      return "I cannot answer at the moment ({responder}).";
    case Phrase::StatusPaused:
      return "Paused. I will answer again in {duration}.";
    case Phrase::QuotaLimited:
      return "LINE messages this month: {used} of {limit}";
    case Phrase::QuotaFree:
      return "LINE messages this month: {used}, no limit";
    case Phrase::QuotaUnknown:
      return "LINE did not tell the figures. Please try again in a little while.";
    case Phrase::QuotaPushed:
      return "Of these pushed by me: {used} of {limit}";
    case Phrase::QuotaPushedFree:
      return "Of these pushed by me: {used}";
    case Phrase::QuotaWaiting:
      return "Answers that wait for the next message in their chat: {count}";
    case Phrase::ModelNow:
      return "Model in use: {model}";
    case Phrase::ModelList:
      return "Models to choose from:\n{models}";
    case Phrase::ModelSet:
      return "The model is now {model}.";
    case Phrase::ModelNotFound:
      return "There is no model {model}.";
    case Phrase::ModelNone:
      return "There are no models to choose from.";
    case Phrase::PauseDone:
      return "I will not answer for {duration}.";
    case Phrase::PauseUsage:
      return "Please give a time such as 30m, 1h or 2d, for example: {command} 1h";
    case Phrase::ResumeDone:
      return "I am answering again.";
    case Phrase::ResumeNothing:
      return "I was not paused.";
    case Phrase::AllowDone:
      return "I may answer in this group now. Mention me with @ when you need me.";
    case Phrase::AllowPaired:
      return "In this group I answer only people who are paired with me now.";
    case Phrase::AllowEveryone:
      return "I answer everyone in this group now.";
    case Phrase::AllowUsage:
      return "{command} everyone: all in this group may talk to me. {command} paired: only people who are paired with "
             "me.";
    case Phrase::AllowAlready:
      return "This group is already allowed.";
    case Phrase::DenyDone:
      return "I will stay silent in this group.";
    case Phrase::DenyAlready:
      return "I was not allowed to answer in this group anyway.";
    case Phrase::ProjectNow:
      return "Project: {project}";
    case Phrase::ProjectNone:
      return "No project is set.";
    case Phrase::ProjectSet:
      return "The project is now {project}.";
    case Phrase::ProjectNotFound:
      return "There is no project {project}.";
    case Phrase::OwnerToken:
      return "LINE refused the channel access token. Please put a valid one into bridge.ini.";
    case Phrase::OwnerSecret:
      return "Messages came whose signature does not fit: the channel secret is not this channel's. Please check it.";
    case Phrase::OwnerQuotaUsedUp:
      return "This month's LINE messages are used up. Late answers wait for the next message in their chat.";
    case Phrase::OwnerQuotaLow:
      return "Only the reserve of this month's LINE messages is left. Late answers wait for the next message in their "
             "chat.";
    case Phrase::OwnerBudgetPerson:
      return "Somebody has used up today's allowance.";
    case Phrase::OwnerBudgetAll:
      return "Today's allowance for everybody is used up.";
    case Phrase::OwnerLinkRefused:
      return "The relay does not accept this bridge's token. Please check it, or have a new one made.";
    case Phrase::OwnerLinkReplaced:
      return "Another bridge uses the same relay token. Only one of them can receive messages.";
    case Phrase::OwnerStore:
      return "I cannot store anything; the disk may be full. Please have a look at the bridge.";
    case Phrase::OwnerResponder:
      return "{responder} has not answered for a while. Please check whether it is running.";
    case Phrase::OwnerUnknown:
      return "It is not certain that one answer arrived. It is not sent again.";
    case Phrase::Minutes:
      return "{count} min";
    case Phrase::Hours:
      return "{count} h";
    case Phrase::Days:
      return "{count} d";
    case Phrase::OwnerNotice:
      return "[Notice] {text}";
  }
  return {};
}

}  // namespace tsunagi::chat
