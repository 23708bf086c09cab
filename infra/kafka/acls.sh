#!/bin/sh
# Generated from libs/contracts/src/flow.ts by `npm run contracts`. Do not edit.
#
# Who may do what on the brokers. For an administrator of the cluster, with Kafka's own kafka-acls.sh on the PATH; running
# it again changes nothing.
#   KAFKA_BOOTSTRAP=kafka:9093 KAFKA_CONFIG=admin.properties sh acls.sh            the services, and who makes the topics
#   KAFKA_BOOTSTRAP=kafka:9093 KAFKA_CONFIG=admin.properties sh acls.sh billing    a tool outside, called billing
#   KAFKA_BOOTSTRAP=kafka:9093 KAFKA_CONFIG=admin.properties sh acls.sh northshore sender     a system outside that sends, called northshore
set -eu

acls() {
  kafka-acls.sh --bootstrap-server "$KAFKA_BOOTSTRAP" ${KAFKA_CONFIG:+--command-config "$KAFKA_CONFIG"} --add "$@"
}

if [ $# -gt 0 ]; then
  # The name of a service, or one that begins a service's groups, would open what is the services' alone.
  case "$1" in
    intake | care-plan | medication-reconciliation | scheduling | notification | throughline-topics | *[!a-z0-9-]* | "")
      echo "A tool's name has small letters, digits and hyphens, and is not one of ours: $1" >&2
      exit 1
      ;;
  esac
  if [ "${2:-}" = sender ]; then
    acls --allow-principal "User:$1" --operation Write --topic "ingress"
    acls --allow-principal "User:$1" --operation Read --topic "ingress-answers"
    acls --allow-principal "User:$1" --operation Read --resource-pattern-type prefixed --group "$1."
    exit 0
  fi
  acls --allow-principal "User:$1" --operation Read --topic "care-plan" --topic "medication-reconciliation" --topic "scheduling" --topic "notification"
  acls --allow-principal "User:$1" --operation Read --resource-pattern-type prefixed --group "$1."
  exit 0
fi

acls --allow-principal "User:throughline-topics" --operation Create --operation Describe --topic "intake" --topic "care-plan" --topic "medication-reconciliation" --topic "scheduling" --topic "notification" --topic "ingress" --topic "ingress-answers"
acls --allow-principal "User:intake" --operation Write --topic "intake"
acls --allow-principal "User:intake" --operation Read --topic "intake"
acls --allow-principal "User:care-plan" --operation Write --topic "care-plan"
acls --allow-principal "User:care-plan" --operation Read --topic "care-plan" --topic "intake" --topic "medication-reconciliation" --topic "scheduling"
acls --allow-principal "User:care-plan" --operation Read --group "care-plan.intake" --group "care-plan.medication-reconciliation" --group "care-plan.scheduling"
acls --allow-principal "User:medication-reconciliation" --operation Write --topic "medication-reconciliation"
acls --allow-principal "User:medication-reconciliation" --operation Read --topic "medication-reconciliation" --topic "intake"
acls --allow-principal "User:medication-reconciliation" --operation Read --group "medication-reconciliation.intake"
acls --allow-principal "User:scheduling" --operation Write --topic "scheduling"
acls --allow-principal "User:scheduling" --operation Read --topic "scheduling" --topic "intake" --topic "care-plan"
acls --allow-principal "User:scheduling" --operation Read --group "scheduling.intake" --group "scheduling.care-plan"
acls --allow-principal "User:notification" --operation Write --topic "notification"
acls --allow-principal "User:notification" --operation Read --topic "notification" --topic "intake" --topic "care-plan"
acls --allow-principal "User:notification" --operation Read --group "notification.intake" --group "notification.care-plan"
acls --allow-principal "User:intake" --operation Read --topic "ingress"
acls --allow-principal "User:intake" --operation Write --topic "ingress-answers"
acls --allow-principal "User:intake" --operation Read --group "intake.ingress"
