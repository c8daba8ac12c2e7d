// Every SQL statement of this engine: a name and its fixed text; values are bound, never built in. Here and nowhere else, so that
// a test can show of each of them that it reads no table from end to end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace omakase::store::sqlite {

enum class Sql : std::uint8_t {
  // The writer's transaction.
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kRollbackToSavepoint,
  kRelease,

  // Messages.
  kHead,
  kInsertMessage,
  kUpdateMessage,
  kMessageAt,
  kMessageGiven,
  kMessagesOfRun,
  kLastMessagesOfRun,
  kMessagesOfThread,
  kLastMessagesOfThread,
  kMessagesOfFeature,
  kLastMessagesOfFeature,
  kUndelivered,
  kChangedMessages,
  kFindMessage,
  kChangeMessage,
  kWaitingPlace,
  kSetWaitingPlace,
  kTakeOverWaiting,
  kThreadLostMessage,
  kThreadActivity,
  kProjectActivity,

  // Runs.
  kInsertRun,
  kUpdateRun,
  kSetSpoolOffset,
  kSetAgentSession,
  kSetThreadMode,
  kRunForWriting,
  kRun,
  kRunByToken,
  kActiveSession,
  kActiveRunOfThread,
  kActiveRuns,
  kActiveRunsOfProject,
  kRunsOfProject,
  kRunsOfAgent,
  kRunsOfAgentInProject,
  kTotalsOfAgent,
  kTotalsOfAgentInProject,
  kInsertModelCall,
  kAddUsage,

  // Search.
  kThreadsToSearch,
  kMessagesToSearch,

  // Runs' logs.
  kInsertLogLine,
  kCutLog,
  kLogLinesAfter,
  kLogLinesBefore,

  // Attachments, and who wrote.
  kInsertAttachment,
  kAttachment,
  kAttachedFile,
  kAttach,
  kDetach,
  kDeleteAttachmentsOfThread,
  kDeleteUnusedAttachments,
  kNameOfUser,

  // Webhooks.
  kWebhook,
  kSetWebhook,
  kDeleteWebhook,
  kSetWebhookDelivery,

  // Browsers that are told.
  kPushKey,
  kInsertPushKey,
  kCountPushSubscriptions,
  kInsertPushSubscription,
  kPushSubscriptions,
  kPushSubscriptionsForProject,
  kDeletePushSubscription,
  kDeletePushSubscriptionsOfUser,

  // A thread's end.
  kEndedRunsOfThread,
  kDeleteMessagesOfThread,
  kDeletePermissionsOfThread,
  kDeleteLogOfThread,
  kDeleteReadMarksOfThread,
  kForgetRunsOfThread,
  kDeleteThread,

  // Requests for consent.
  kInsertPermission,
  kResolvePermission,
  kEndSessionConsents,
  kPermission,
  kPermissions,
  kPendingPermissions,

  // The catalog.
  kInsertProject,
  kUpdateProject,
  kProject,
  kOpenProjects,
  kAllProjects,
  kSealedGitToken,
  kVariables,
  kCountOtherVariables,
  kSetVariable,
  kDeleteVariable,
  kInsertPermissionRule,
  kPermissionRule,
  kPermissionRules,
  kDeletePermissionRule,
  kAgentModel,
  kSetAgentModel,
  kPersonality,
  kSetPersonality,
  kDeletePersonality,
  kInsertThread,
  kUpdateThread,
  kThread,
  kThreadsOfProject,
  kThreadsOfAgent,
  kThreadsOfProjectAndAgent,
  kMarkRead,
  kThreadsToRead,
  kNewsOfThread,
  kInsertMemory,
  kMemories,
  kMemory,
  kDeleteMemory,

  // People.
  kInsertUser,
  kUser,
  kUserNamed,
  kUsers,
  kUpdateUser,
  kSetUserActive,
  kInsertLoginCode,
  kTakeLoginCode,
  kDeleteExpiredLoginCodes,
  kDeleteLoginCodesOfUser,
  kInsertLogin,
  kLogin,
  kDeleteLogin,
  kDeleteLoginsOfUser,
  kDeleteExpiredLogins,
  kCountTokens,
  kInsertToken,
  kTokens,
  kToken,
  kSetTokenUsed,
  kDeleteToken,
  kDeleteTokensOfUser,
  kInsertMember,
  kMarkProjectRead,
  kDeleteMember,
  kMembers,
  kProjectsOfUser,
};

inline constexpr std::size_t kSqlCount = static_cast<std::size_t>(Sql::kProjectsOfUser) + 1;

const char* text(Sql sql);

}  // namespace omakase::store::sqlite
